import { Cells } from '../src/grid/cells';
import {
  cellAt,
  fittingPitch,
  flowLength,
  inSight,
  labelStep,
  scrollTo,
  type Geometry,
} from '../src/grid/geometry';

// . 0 .
// 2 . 1
// . . .
// . 3 .
const cells = new Cells(3, 4, Uint32Array.of(1, 2, 0, 1), Uint32Array.of(0, 1, 1, 3));

const geometry: Geometry = { pitch: 10, left: 50, top: 30, scrollX: 0, scrollY: 0, width: 250, height: 130 };

describe('cells', () => {
  test('are found by place', () => {
    expect([cells.at(1, 0), cells.at(0, 0), cells.at(0, 1), cells.at(2, 1), cells.at(1, 2)]).toEqual([
      0, -1, 2, 1, -1,
    ]);
    expect([cells.at(1, -1), cells.at(1, 4)]).toEqual([-1, -1]);
  });

  test('only those of a rectangle are visited', () => {
    const seen: number[] = [];
    cells.visit([1, 2], [0, 2], index => seen.push(index));
    expect(seen).toEqual([0, 1]);
  });

  test('the keyboard goes along rows, and over empty ones to the nearest column', () => {
    expect(cells.next(-1, 1, 0)).toBe(0);
    expect(cells.next(2, 1, 0)).toBe(1);
    expect(cells.next(1, 1, 0)).toBe(1);
    expect(cells.next(1, 0, 1)).toBe(3);
    expect(cells.next(3, 0, 1)).toBe(3);
    expect(cells.next(0, 0, 1)).toBe(2);
    expect(cells.ends(1)).toEqual([2, 1]);
  });

  test('the next that fulfils a condition is sought round and round', () => {
    const wanted = (index: number): boolean => index === 0 || index === 1;
    expect(cells.seek(-1, wanted)).toBe(0);
    expect(cells.seek(0, wanted)).toBe(1);
    expect(cells.seek(1, wanted)).toBe(0);
    expect(cells.seek(1, () => false)).toBe(-1);
  });

  test('flow over lines', () => {
    const flowing = Cells.flowing(7, 3);
    expect([flowing.columns, flowing.rows]).toEqual([3, 3]);
    expect(flowing.at(0, 2)).toBe(6);
    expect(flowing.at(1, 2)).toBe(-1);
  });

  test('of 100,000, a window is found without looking at all', () => {
    const [columns, rows] = [200, 500];
    const across = Uint32Array.from({ length: columns * rows }, (_, i) => (i * 7) % columns);
    const down = Uint32Array.from({ length: columns * rows }, (_, i) => Math.floor(i / columns));
    const many = new Cells(columns, rows, across, down);
    let visits = 0;
    many.visit([10, 19], [100, 104], (index, column, row) => {
      visits += 1;
      expect([many.column(index), many.row(index)]).toEqual([column, row]);
    });
    expect(visits).toBeGreaterThan(0);
    expect(visits).toBeLessThanOrEqual(1000);
  });
});

describe('geometry', () => {
  test('a point is in a cell, in none, or beside all', () => {
    expect(cellAt(geometry, cells, 65, 35)).toBe(0);
    expect(cellAt(geometry, cells, 55, 35)).toBe(-1);
    expect(cellAt(geometry, cells, 40, 35)).toBe(-1);
    expect(cellAt(geometry, cells, 85, 45)).toBe(-1);
    expect(cellAt({ ...geometry, scrollY: 10 }, cells, 55, 35)).toBe(2);
  });

  test('only what is in sight counts', () => {
    const many = Cells.flowing(10_000, 100);
    expect(inSight({ ...geometry, scrollX: 35, scrollY: 200 }, many)).toEqual([
      [3, 23],
      [20, 30],
    ]);
  });

  test('scrolling goes no further than needed', () => {
    expect(scrollTo(geometry, 0, 2)).toEqual({ x: 0, y: 0 });
    expect(scrollTo(geometry, 30, 20)).toEqual({ x: 110, y: 110 });
    expect(scrollTo({ ...geometry, scrollY: 300 }, 0, 20)).toEqual({ x: 0, y: 200 });
  });

  test('cells are as large as fits, and not larger than pleases', () => {
    expect(fittingPitch(200, 900)).toBe(4.5);
    expect(fittingPitch(5, 900)).toBe(22);
    expect(fittingPitch(10_000, 900)).toBe(0.09);
    expect(flowLength(100_000, 900, 300)).toBe(150);
    expect(flowLength(20, 900, 300)).toBe(40);
  });

  test('names keep their distance', () => {
    expect(labelStep(22, 20)).toBe(1);
    expect(labelStep(4, 30)).toBe(10);
  });
});
