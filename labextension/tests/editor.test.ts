import { EditorState } from '@codemirror/state';
import { markWrong, wrongLine } from '../src/lab/wrong_line';

const text = Array.from({ length: 60 }, (_, index) => `line ${String(index + 1)}`).join('\n');

function marked(state: EditorState, line: number): EditorState {
  return state.update({ effects: markWrong(state, line) }).state;
}

test('the line that is asked for is marked, and no other', () => {
  let state = marked(EditorState.create({ doc: text }), 39);
  expect(wrongLine(state)).toBe(39);
  state = marked(state, 12);
  expect(wrongLine(state)).toBe(12);
  expect(wrongLine(marked(state, 0))).toBe(0);
  // The text has become shorter since the question.
  expect(wrongLine(marked(state, 99))).toBe(60);
});

test('the mark stays with its line when something above is edited', () => {
  let state = marked(EditorState.create({ doc: text }), 39);
  state = state.update({ changes: { from: 0, insert: 'one\ntwo\n' } }).state;
  expect(wrongLine(state)).toBe(41);
  state = state.update({ changes: { from: state.doc.line(41).from + 2, insert: 'x' } }).state;
  expect(wrongLine(state)).toBe(41);
});
