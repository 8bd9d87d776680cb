import { clamp } from '../common/dom';
import type { Cells } from './cells';

/** Smaller cells share pixels. */
export const LEAST_CELL = 2;
export const MOST_CELL = 32;
const COMFORTABLE_CELL = 22;

/** Where cells are: their pitch in pixels, what is scrolled away, and room for the names of rows and columns. */
export interface Geometry {
  readonly pitch: number;
  readonly left: number;
  readonly top: number;
  readonly scrollX: number;
  readonly scrollY: number;
  readonly width: number;
  readonly height: number;
}

/** The pitch with which all columns are in sight. */
export function fittingPitch(columns: number, room: number): number {
  const pitch = room / Math.max(1, columns);
  return pitch < LEAST_CELL ? pitch : clamp(Math.floor(pitch * 4) / 4, LEAST_CELL, COMFORTABLE_CELL);
}

/** How many cells a line has if they may flow. */
export function flowLength(count: number, room: number, height: number): number {
  // As large as possible with all of them in sight, and no smaller than can be pointed at.
  let pitch = COMFORTABLE_CELL;
  while (pitch > 6 && Math.ceil(count / Math.floor(room / pitch)) * pitch > height) pitch -= 1;
  return Math.max(1, Math.floor(room / pitch));
}

export function cellAt(geometry: Geometry, cells: Cells, x: number, y: number): number {
  if (x < geometry.left || y < geometry.top) return -1;
  const column = Math.floor((x - geometry.left + geometry.scrollX) / geometry.pitch);
  const row = Math.floor((y - geometry.top + geometry.scrollY) / geometry.pitch);
  return column < cells.columns ? cells.at(column, row) : -1;
}

/** First and last column, and first and last row, that are in sight. */
export function inSight(geometry: Geometry, cells: Cells): [[number, number], [number, number]] {
  const { pitch, scrollX, scrollY, left, top, width, height } = geometry;
  const range = (scroll: number, room: number, count: number): [number, number] => [
    Math.max(0, Math.floor(scroll / pitch)),
    Math.min(count - 1, Math.floor((scroll + room) / pitch)),
  ];
  return [range(scrollX, width - left, cells.columns), range(scrollY, height - top, cells.rows)];
}

/** How far to scroll so that a cell is in sight. */
export function scrollTo(geometry: Geometry, column: number, row: number): { x: number; y: number } {
  const along = (scroll: number, room: number, place: number): number => {
    const from = place * geometry.pitch;
    if (from < scroll) return from;
    return Math.max(scroll, from + geometry.pitch - room);
  };
  return {
    x: along(geometry.scrollX, geometry.width - geometry.left, column),
    y: along(geometry.scrollY, geometry.height - geometry.top, row),
  };
}

/** Every how many-th name can be written without touching the next. */
export function labelStep(pitch: number, room: number): number {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
  return steps.find(step => step * pitch >= room) ?? steps[steps.length - 1];
}
