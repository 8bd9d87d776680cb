/** A line of an editor that is marked as wrong; the mark moves with the text. */
import { StateEffect, StateField, type EditorState, type Text } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';

const WRONG = Decoration.line({ class: 'jmpl-wrong-line' });
const change = StateEffect.define<number>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { changes, effects, newDoc }) {
    const last = effects.filter(effect => effect.is(change)).at(-1);
    return last ? marked(newDoc, last.value) : marks.map(changes);
  },
  provide: own => EditorView.decorations.from(own),
});

function marked(text: Text, line: number): DecorationSet {
  // The text may have become shorter meanwhile.
  return line ? Decoration.set(WRONG.range(text.line(Math.min(line, text.lines)).from)) : Decoration.none;
}

/** What to dispatch to an editor for marking a line (from 1), and no other; 0 for none. */
export function markWrong(state: EditorState, line: number): StateEffect<unknown> {
  if (state.field(field, false)) return change.of(line);
  return StateEffect.appendConfig.of(field.init(({ doc }) => marked(doc, line)));
}

/** The line that is marked; 0 for none. */
export function wrongLine(state: EditorState): number {
  const mark = state.field(field, false)?.iter();
  return mark?.value ? state.doc.lineAt(mark.from).number : 0;
}
