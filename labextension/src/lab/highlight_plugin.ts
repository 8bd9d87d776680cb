/** Colours the body of `%%pipetask` cells, which Python's colours would only confuse. */
import { RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { isPipetaskCell, tokens, type TokenKind } from './cell_tokens';

const LINE = Decoration.line({ class: 'jmpl-cell-line' });
const MARKS = new Map<TokenKind, Decoration>();

function mark(kind: TokenKind): Decoration {
  const known = MARKS.get(kind) ?? Decoration.mark({ class: `jmpl-cell-${kind}` });
  MARKS.set(kind, known);
  return known;
}

function decorate({ state: { doc }, visibleRanges }: EditorView): DecorationSet {
  const built = new RangeSetBuilder<Decoration>();
  if (!isPipetaskCell(doc.line(1).text)) return Decoration.none;
  for (const range of visibleRanges) {
    const last = doc.lineAt(range.to).number;
    for (let number = Math.max(2, doc.lineAt(range.from).number); number <= last; number++) {
      const { from, text } = doc.line(number);
      built.add(from, from, LINE);
      for (const token of tokens(text)) built.add(from + token.from, from + token.to, mark(token.kind));
    }
  }
  return built.finish();
}

class Highlighter {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorate(view);
  }

  update(update: ViewUpdate): void {
    if (update.docChanged || update.viewportChanged) this.decorations = decorate(update.view);
  }
}

export const highlightPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mpexec:highlight',
  description: 'Colours %%pipetask cells.',
  autoStart: true,
  optional: [IEditorExtensionRegistry],
  activate(_app: JupyterFrontEnd, registry: IEditorExtensionRegistry | null) {
    registry?.addExtension({
      name: 'jupyter-mpexec:pipetask-cells',
      factory: () =>
        EditorExtensionRegistry.createImmutableExtension(
          ViewPlugin.fromClass(Highlighter, { decorations: highlighter => highlighter.decorations }),
        ),
    });
  },
};
