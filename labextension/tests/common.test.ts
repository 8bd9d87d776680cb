import { float64, uint32, uint8 } from '../src/common/bytes';
import { bytes, duration, plural, shorten } from '../src/common/format';
import { connect, Sequence, type Frame } from '../src/common/link';
import type { Model } from '../src/common/model';
import { READING_ORDER, STATUSES, WORST_FIRST } from '../src/status_table';

/** A model whose other side is this test. */
class TestModel implements Model {
  sent: unknown[] = [];
  private readonly traits: Record<string, unknown> = {};
  private readonly listeners: Record<string, ((...values: never[]) => void)[]> = {};

  get(name: string): unknown {
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes(): void {
    this.sent.push('saved');
  }

  on(event: string, callback: (...values: never[]) => void): void {
    (this.listeners[event] ??= []).push(callback);
  }

  off(event: string, callback: (...values: never[]) => void): void {
    this.listeners[event] = (this.listeners[event] ?? []).filter(known => known !== callback);
  }

  send(content: unknown): void {
    this.sent.push(content);
  }

  emit(event: string, ...values: unknown[]): void {
    for (const callback of this.listeners[event] ?? []) callback(...(values as never[]));
  }
}

describe('the link', () => {
  /** What the link uses of a page. */
  const page = Object.assign(new EventTarget(), { hidden: false });
  beforeAll(() => Object.assign(globalThis, { document: page }));

  function linked(): { model: TestModel; seen: string[]; stop: () => void } {
    const model = new TestModel();
    const seen: string[] = [];
    const stop = connect(model, {
      frame: (frame: Frame) => seen.push(`frame ${String(frame.sequence)}`),
      delta: content => seen.push(`delta ${String(content.sequence)}`),
      message: content => seen.push(String(content.kind)),
    });
    return { model, seen, stop };
  }

  test('asks for everything at first, and takes differences after it', () => {
    const { model, seen } = linked();
    expect(model.sent).toMatchObject([{ kind: 'sight', seen: true }, { kind: 'hello' }]);
    model.set('_frame', { sequence: 3 });
    model.emit('msg:custom', { kind: 'delta', sequence: 3 }, []);
    model.emit('msg:custom', { kind: 'delta', sequence: 4 }, []);
    model.emit('msg:custom', { kind: 'fit' });
    expect(seen).toEqual(['frame 3', 'delta 4', 'fit']);
  });

  test('takes what it can after a gap, until a whole frame comes', () => {
    const { model, seen } = linked();
    model.set('_frame', { sequence: 1 });
    model.emit('msg:custom', { kind: 'delta', sequence: 5 }, []);
    model.set('_frame', { sequence: 5 });
    expect(seen).toEqual(['frame 1', 'delta 5', 'frame 5']);
  });

  test('hears nothing after its end', () => {
    const { model, seen, stop } = linked();
    stop();
    model.set('_frame', { sequence: 1 });
    model.emit('msg:custom', { kind: 'delta', sequence: 2 }, []);
    expect(seen).toEqual([]);
  });

  test('tells whether anybody can see the page, until its end', () => {
    const { model, stop } = linked();
    model.sent.length = 0;
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    stop();
    page.dispatchEvent(new Event('visibilitychange'));
    expect(model.sent.map(message => (message as { seen: boolean }).seen)).toEqual([false, true, false]);
  });

  test('without a kernel nothing is thrown', () => {
    const model = new TestModel();
    model.send = () => {
      throw new Error('no comm');
    };
    expect(() => connect(model, { frame: () => 0, delta: () => 0, message: () => 0 })).not.toThrow();
  });

  test('a missing number is noticed', () => {
    const sequence = new Sequence();
    sequence.frame(4);
    expect([5, 5, 7, 6, 8].map(n => sequence.delta(n))).toEqual(['fresh', 'known', 'gap', 'known', 'fresh']);
  });
});

test('bytes are read wherever they lie in a message', () => {
  const buffer = new ArrayBuffer(21);
  const view = new DataView(buffer);
  view.setUint32(1, 70_000, true);
  view.setFloat64(5, 2.5, true);
  expect([...uint32(new DataView(buffer, 1, 4))]).toEqual([70_000]);
  expect([...float64(new DataView(buffer, 5, 8))]).toEqual([2.5]);
  expect([...uint8(new DataView(buffer, 1, 2))]).toEqual([0x70, 0x11]);
  expect(uint32(undefined)).toHaveLength(0);
});

test('numbers, times and sizes are written as in Python', () => {
  expect([72, 0.0421, 7505, 0].map(duration)).toEqual(['1 min 12 s', '42 ms', '2 h 5 min', '0 s']);
  expect([999, 1500, 4.1e9, 25e6].map(bytes)).toEqual(['999 B', '1.5 kB', '4.1 GB', '25 MB']);
  expect([plural(1, 'quantum', 'quanta'), plural(1200, 'quantum', 'quanta')]).toEqual([
    '1 quantum',
    '1,200 quanta',
  ]);
  expect([shorten('calibrate', 9), shorten('calibrate', 6)]).toEqual(['calibrate', 'cal…te']);
  expect([shorten('calibrate', 3), shorten('calibrate', 1)]).toEqual(['c…e', 'c…']);
  expect(shorten('processStep1', 8)).not.toEqual(shorten('processStep2', 8));
});

test('each state is in every order once, with a glyph of its own', () => {
  const all = [...STATUSES.keys()];
  expect([...READING_ORDER].sort()).toEqual(all);
  expect([...WORST_FIRST].sort()).toEqual(all);
  expect(new Set(STATUSES.map(status => status.glyph)).size).toBe(all.length);
});
