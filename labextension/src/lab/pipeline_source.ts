/** The editor of a pipeline file, as far as the diagram beside it needs it. */
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { PipelineSource } from './pipeline_page';

interface Text {
  getSource(): string;
  changed: { connect(slot: () => void): boolean; disconnect(slot: () => void): boolean };
}

interface Editor {
  setCursorPosition(position: { line: number; column: number }): void;
  revealPosition(position: { line: number; column: number }): void;
  focus(): void;
}

export function textOf(document: DocumentWidget): Text {
  const { sharedModel } = document.context.model as unknown as { sharedModel: Text };
  return sharedModel;
}

export function editorSource(document: DocumentWidget, path: string): PipelineSource {
  const editor = (): Editor | undefined => (document.content as unknown as { editor?: Editor }).editor;
  let wrong = 0;
  const paint = (): void => {
    if (document.isDisposed) return;
    const lines = [...document.node.querySelectorAll<HTMLElement>('.cm-line')];
    const first = Number(
      document.node.querySelector('.cm-lineNumbers .cm-gutterElement:not([style*="visibility"])')
        ?.textContent ?? 1,
    );
    lines.forEach((line, index) => {
      line.classList.toggle('jmpl-wrong-line', index + (first || 1) === wrong);
    });
  };
  return {
    path,
    text: () => textOf(document).getSource(),
    mark(line, message) {
      wrong = line;
      paint();
      document.title.className = line ? 'jmpl-wrong' : '';
      document.node.dataset.wrongLine = line ? `${String(line)}: ${message}` : '';
    },
    reveal(line) {
      const position = { line: line - 1, column: 0 };
      editor()?.setCursorPosition(position);
      editor()?.revealPosition(position);
      editor()?.focus();
    },
  };
}
