import { STATUSES } from '../src/status_table';
import { Cells } from '../src/grid/cells';
import type { Geometry } from '../src/grid/geometry';
import type { Picture } from '../src/grid/paint';

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A canvas that keeps what is written and framed on it, and what of it is in sight. */
class Record {
  texts: (Box & { text: string })[] = [];
  frames: (Box & { clip: Box })[] = [];
  textAlign = 'left';
  private path: Box = { x: 0, y: 0, w: 1e4, h: 1e4 };
  private clips: Box[] = [{ x: 0, y: 0, w: 1e4, h: 1e4 }];

  save(): void {
    this.clips.push(this.clips[this.clips.length - 1]);
  }
  restore(): void {
    this.clips.pop();
  }
  rect(x: number, y: number, w: number, h: number): void {
    this.path = { x, y, w, h };
  }
  clip(): void {
    this.clips[this.clips.length - 1] = this.path;
  }
  strokeRect(x: number, y: number, w: number, h: number): void {
    this.frames.push({ x, y, w, h, clip: this.clips[this.clips.length - 1] });
  }
  measureText(text: string): { width: number } {
    return { width: 6.5 * text.length };
  }
  fillText(text: string, x: number, y: number): void {
    const w = 6.5 * text.length;
    const from = { left: x, center: x - w / 2, right: x - w }[this.textAlign] ?? x;
    this.texts.push({ text, x: from, y: y - 6, w, h: 12 });
  }
  readonly clearRect = jest.fn();
  readonly beginPath = jest.fn();
  readonly roundRect = jest.fn();
  readonly fill = jest.fn();
  readonly stroke = jest.fn();
}

interface Dots {
  width: number;
  data: Uint8ClampedArray;
}

/** Paint 1000 cells of a row on so many pixels; gives the pixels. */
async function dots(failed: number[], room: number): Promise<Dots> {
  let kept: Dots | undefined;
  const context = {
    putImageData: (image: Dots) => (kept = image),
  };
  class Image {
    readonly data: Uint8ClampedArray;
    constructor(
      readonly width: number,
      readonly height: number,
    ) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  }
  Object.assign(globalThis, {
    document: { createElement: () => ({ getContext: () => context }) },
    ImageData: Image,
  });
  jest.resetModules();
  const { paint } = await import('../src/grid/paint');
  const count = 1000;
  const across = Uint32Array.from({ length: 2 * count }, (_, index) => index % count);
  const down = Uint32Array.from({ length: 2 * count }, (_, index) => Math.floor(index / count));
  const code = (wanted: string): number => STATUSES.findIndex(status => status.name === wanted);
  const statuses = new Uint8Array(2 * count).fill(code('succeeded'));
  for (const index of failed) statuses[index] = code('failed');
  const picture: Picture = {
    ...{ cells: new Cells(count, 2, across, down), statuses, columns: [], rows: [] },
    ...{ columnAxis: '', rowAxis: '', selected: -1, active: -1, focused: false },
  };
  const [left, top] = [4, 4];
  const geometry: Geometry = {
    ...{ pitch: room / count, left, top, scrollX: 0, scrollY: 0 },
    ...{ width: left + room, height: 60 },
  };
  const record = Object.assign(new Record(), { drawImage: jest.fn() });
  paint(record as unknown as CanvasRenderingContext2D, picture, geometry, {
    ...{ background: '', panel: '', text: '', muted: '', line: '', accent: '', font: 'sans-serif' },
    status: STATUSES.map(() => '#000'),
    rgb: STATUSES.map((_, index) => [index, 0, 0]),
  });
  return kept!;
}

test.each([300, 1200])('of cells that share %d pixels, the failed one is seen', async room => {
  const at = 457;
  const { width, data } = await dots([at], room);
  expect(width).toBeLessThanOrEqual(room + 1);
  const code = STATUSES.findIndex(status => status.name === 'failed');
  const seen = Array.from({ length: width }, (_, x) => x).filter(x => data[4 * x] === code);
  expect(seen).toContain(Math.floor((at * room) / 1000));
  expect(seen.length).toBeLessThanOrEqual(2);
  // All others are painted, too.
  for (let x = 0; x < width - 1; x += 1) expect(data[4 * x + 3]).toBeGreaterThan(0);
});

async function painted(selected: number): Promise<Record> {
  // The one for small cells is not used here.
  Object.assign(globalThis, { document: { createElement: () => ({}) }, ImageData: Object });
  const { paint } = await import('../src/grid/paint');
  const cells = new Cells(2, 2, Uint32Array.of(0, 1, 0, 1), Uint32Array.of(0, 0, 1, 1));
  const picture: Picture = {
    cells,
    statuses: new Uint8Array(4),
    columns: ['903334', '903336'],
    rows: ['10', '11'],
    columnAxis: 'visit',
    rowAxis: 'detector',
    selected,
    active: selected,
    focused: false,
  };
  const geometry: Geometry = {
    pitch: 22,
    left: 90,
    top: 36,
    scrollX: 0,
    scrollY: 0,
    width: 400,
    height: 120,
  };
  const palette = { status: STATUSES.map(() => '#000'), rgb: [], background: '', panel: '', text: '' };
  const record = new Record();
  paint(record as unknown as CanvasRenderingContext2D, picture, geometry, {
    ...palette,
    muted: '',
    line: '',
    accent: '',
    font: '',
  });
  return record;
}

const touch = (a: Box, b: Box): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

test('no name on the axes covers another one', async () => {
  const { texts } = await painted(-1);
  const names = texts.filter(({ text }) => text.length > 1);
  expect(names.map(({ text }) => text)).toEqual(expect.arrayContaining(['visit →', 'detector ↓', '903334']));
  names.forEach((one, index) => {
    for (const other of names.slice(index + 1)) {
      expect([one.text, other.text, touch(one, other)]).toEqual([one.text, other.text, false]);
    }
  });
});

test('the frame of a selected cell in the first row and column is whole', async () => {
  const { frames } = await painted(0);
  expect(frames).toHaveLength(1);
  const [{ x, y, clip }] = frames;
  // The line itself is two pixels wide.
  expect([x - 1 >= clip.x, y - 1 >= clip.y]).toEqual([true, true]);
});
