/** The editor of a pipeline file, as far as the diagram beside it needs it. */
import type { EditorView } from '@codemirror/view';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { PipelineSource } from './pipeline_page';
import type { ServerFile } from './server_file';
import { markWrong } from './wrong_line';

interface Text {
  getSource(): string;
  changed: { connect(slot: () => void): boolean; disconnect(slot: () => void): boolean };
}

interface Editor {
  /** The editor of CodeMirror below it. */
  editor: EditorView;
  setCursorPosition(position: { line: number; column: number }): void;
  revealPosition(position: { line: number; column: number }): void;
  focus(): void;
}

export function textOf(document: DocumentWidget): Text {
  const { sharedModel } = document.context.model as unknown as { sharedModel: Text };
  return sharedModel;
}

export function editorSource(document: DocumentWidget, file: ServerFile): PipelineSource {
  const editor = (): Editor | undefined =>
    document.isDisposed ? undefined : (document.content as unknown as { editor?: Editor }).editor;
  return {
    file,
    text: () => textOf(document).getSource(),
    mark(line) {
      const view = editor()?.editor;
      view?.dispatch({ effects: markWrong(view.state, line) });
    },
    reveal(line) {
      const position = { line: line - 1, column: 0 };
      editor()?.setCursorPosition(position);
      editor()?.revealPosition(position);
      editor()?.focus();
    },
  };
}
