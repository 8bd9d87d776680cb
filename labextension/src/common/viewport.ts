import { clamp } from './dom';

/** How a drawing is shown on a stage: moved by x and y pixels, and scaled by k. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export const LEAST_SCALE = 0.08;
export const MOST_SCALE = 4;

/** Zoom so that what is below a point of the stage stays there. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number): Viewport {
  const k = clamp(view.k * factor, LEAST_SCALE, MOST_SCALE);
  const real = k / view.k;
  return { k, x: x - (x - view.x) * real, y: y - (y - view.y) * real };
}

export function pan(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Show all of a drawing in the middle of the stage, never enlarged. */
export function fit(drawing: Size, stage: Size, margin = 10): Viewport {
  if (!(drawing.width > 0 && drawing.height > 0 && stage.width > 0 && stage.height > 0)) {
    return { x: 0, y: 0, k: 1 };
  }
  const across = (stage.width - 2 * margin) / drawing.width;
  const down = (stage.height - 2 * margin) / drawing.height;
  const k = clamp(Math.min(across, down, 1), LEAST_SCALE, MOST_SCALE);
  return { k, x: (stage.width - drawing.width * k) / 2, y: (stage.height - drawing.height * k) / 2 };
}

/** Move as little as needed so that a rectangle of the drawing is on the stage. */
export function reveal(view: Viewport, box: Rectangle, stage: Size, margin = 24): Viewport {
  const left = box.x * view.k + view.x;
  const top = box.y * view.k + view.y;
  return pan(
    view,
    shift(left, left + box.w * view.k, stage.width, margin),
    shift(top, top + box.h * view.k, stage.height, margin),
  );
}

function shift(from: number, to: number, length: number, margin: number): number {
  if (from < margin) return margin - from;
  if (to > length - margin) return Math.max(length - margin - to, margin - from);
  return 0;
}
