import { fit, MOST_SCALE, LEAST_SCALE, pan, reveal, zoomAt } from '../src/common/viewport';

const STAGE = { width: 800, height: 400 };

test('zooming keeps what is below the pointer where it is', () => {
  const before = { x: 30, y: -20, k: 0.5 };
  const after = zoomAt(before, 1.7, 200, 100);
  expect(after.k).toBeCloseTo(0.85);
  expect((200 - after.x) / after.k).toBeCloseTo((200 - before.x) / before.k);
  expect((100 - after.y) / after.k).toBeCloseTo((100 - before.y) / before.k);
});

test('zooming ends at a smallest and a largest scale, without drifting', () => {
  const largest = zoomAt({ x: 0, y: 0, k: 1 }, 1000, 50, 50);
  expect(largest.k).toBe(MOST_SCALE);
  expect(zoomAt(largest, 2, 10, 10)).toEqual(largest);
  expect(zoomAt({ x: 0, y: 0, k: 1 }, 1e-6, 0, 0).k).toBe(LEAST_SCALE);
});

test('fitting shows all of a drawing in the middle, and does not enlarge', () => {
  const large = fit({ width: 1600, height: 100 }, STAGE, 0);
  expect(large).toEqual({ k: 0.5, x: 0, y: 175 });
  expect(fit({ width: 100, height: 100 }, STAGE)).toEqual({ k: 1, x: 350, y: 150 });
  expect(fit({ width: 0, height: 0 }, STAGE).k).toBe(1);
});

test('revealing moves as little as is needed', () => {
  const view = { x: 0, y: 0, k: 1 };
  expect(reveal(view, { x: 100, y: 100, w: 50, h: 50 }, STAGE)).toEqual(view);
  expect(reveal(view, { x: 900, y: 100, w: 50, h: 50 }, STAGE, 20)).toEqual(pan(view, -170, 0));
  expect(reveal(view, { x: -10, y: 500, w: 50, h: 50 }, STAGE, 20)).toEqual(pan(view, 30, -170));
});

test('of what is larger than the stage, the beginning is revealed', () => {
  expect(reveal({ x: 0, y: 0, k: 1 }, { x: 100, y: 0, w: 2000, h: 10 }, STAGE, 20).x).toBe(-80);
});
