import { heir } from '../src/common/focus_keeper';

/** A row of buttons, as far as it matters here: 'p' is one of the pair, 'x' is disabled, 'c' closes. */
function row(...kinds: string[]): Element[] {
  const parent = { children: [] as unknown[] };
  parent.children = kinds.map((kind, place) => ({
    place,
    parentElement: parent,
    matches: (selector: string) =>
      selector === '.jmpx-pair'
        ? kind.includes('p')
        : !kind.includes('x') && kind !== 'text' && !(kind.includes('c') && selector.includes('.jmpx-close')),
  }));
  return parent.children as Element[];
}

function heirOf(place: number, ...kinds: string[]): number | undefined {
  return (heir(row(...kinds)[place]) as unknown as { place: number } | undefined)?.place;
}

test('the other one of a pair comes first', () => {
  expect(heirOf(0, 'px', '', 'p', '')).toBe(2);
  expect(heirOf(2, 'p', '', 'px', '')).toBe(0);
});

test('else the next one, else the one before', () => {
  expect(heirOf(1, '', 'x', 'x', '')).toBe(3);
  expect(heirOf(2, '', '', 'x', 'text')).toBe(1);
  expect(heirOf(0, 'px', '', 'px')).toBe(1);
  expect(heirOf(0, 'x', 'x')).toBeUndefined();
});

test('what closes the panel gets no key that was meant for another button', () => {
  expect(heirOf(1, '', 'x', 'x', 'c')).toBe(0);
});
