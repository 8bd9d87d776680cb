import { hearKeys } from '../src/debug/keys';
import { followed, keyName, revealed, rowAfter } from '../src/debug/movement';

describe('keys in a list of rows', () => {
  test.each([
    ['ArrowDown', 3, 4],
    ['ArrowUp', 3, 2],
    ['PageDown', 3, 13],
    ['PageUp', 13, 3],
    ['Home', 13, 0],
    ['End', 3, 19],
  ])('%s leads from %i to %i', (key, from, to) => {
    expect(rowAfter(key, from, 20)).toBe(to);
  });

  test('stay within the rows', () => {
    expect(rowAfter('ArrowUp', 0, 20)).toBe(0);
    expect(rowAfter('PageDown', 15, 20)).toBe(19);
    expect(rowAfter('PageUp', 4, 20)).toBe(0);
  });

  test('lead nowhere if they are others, or there are no rows', () => {
    expect(rowAfter('x', 3, 20)).toBeUndefined();
    expect(rowAfter('toString', 3, 20)).toBeUndefined();
    expect(rowAfter('Home', 0, 0)).toBeUndefined();
  });
});

describe('scrolling', () => {
  const sight = { scroll: 100, height: 300 };

  test('a row well in sight moves nothing', () => {
    expect(revealed(200, 20, sight)).toBe(100);
    expect(followed(200, 20, sight)).toBe(100);
  });

  test('a row that is current, and at the edge, gets some rows around it', () => {
    expect(revealed(150, 20, sight)).toBe(50);
    expect(revealed(350, 20, sight)).toBe(250);
  });

  test('a row that is moved to is just seen', () => {
    expect(followed(385, 20, sight)).toBe(105);
    expect(followed(90, 20, sight)).toBe(90);
  });
});

describe('keys that steer', () => {
  const plain = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };

  test('have the names that Python knows', () => {
    expect(keyName({ ...plain, key: 'F10' })).toBe('F10');
    expect(keyName({ ...plain, key: 'F11', shiftKey: true })).toBe('Shift+F11');
    expect(keyName({ ...plain, key: 'F10', ctrlKey: true })).toBeUndefined();
    expect(keyName({ ...plain, key: 'F10', metaKey: true })).toBeUndefined();
  });

  test('are heard in their pane only, once, and by nobody else; and not after the end', () => {
    const page = new EventTarget();
    Object.assign(globalThis, { window: page });
    const inside = { name: 'a button' };
    const pane = { contains: (node: unknown) => node === inside };
    const root = { closest: (selector: string) => (selector === '.pane' ? pane : null) };
    const heard: string[] = [];
    const others: string[] = [];
    const stop = hearKeys(root as unknown as HTMLElement, '.pane', ['F10'], key => heard.push(key));
    page.addEventListener('keydown', event => others.push((event as KeyboardEvent).key));
    const press = (key: string, target: unknown, repeat = false): Event => {
      const event = new Event('keydown', { cancelable: true });
      for (const [name, value] of Object.entries({ ...plain, key, target, repeat })) {
        Object.defineProperty(event, name, { value });
      }
      page.dispatchEvent(event);
      return event;
    };
    expect(press('F10', inside).defaultPrevented).toBe(true);
    expect(press('F10', inside, true).defaultPrevented).toBe(true);
    expect(press('F5', inside).defaultPrevented).toBe(false);
    expect(press('F10', {}).defaultPrevented).toBe(false);
    expect(heard).toEqual(['F10']);
    expect(others).toEqual(['F5', 'F10']);
    stop();
    press('F10', inside);
    expect(heard).toEqual(['F10']);
  });
});
