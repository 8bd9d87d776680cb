import { WORST_FIRST } from '../status_table';
import type { Bars } from './bars';
import type { TimeRange } from './time_range';

/** Something to paint: one bar, or many that share pixels. */
export interface Span {
  from: number;
  to: number;
  status: number;
  /** Share of the pixels that is busy. */
  cover: number;
  /** Place of the bar; -1 for many. */
  place: number;
}

/** From how many pixels a bar is drawn by itself. */
export const LEAST_WIDTH = 1.6;
const LEVELS = 4;

const RANK = new Uint8Array(WORST_FIRST.length);
WORST_FIRST.forEach((code, rank) => (RANK[code] = rank));

/**
 * Turn the bars of a lane into what is worth painting: bars narrower than a pixel are gathered in that pixel, which
 * takes the most worrying of their states; so the work to paint never exceeds the width, whatever the number of bars.
 */
export function spans(bars: Bars, lane: number, range: TimeRange, width: number, now: number): Span[] {
  const { start, status } = bars.columns;
  const places = bars.lane(lane);
  const scale = width / (range.to - range.from);
  const result: Span[] = [];
  let pixel = -1;
  let busy = 0;
  let state = -1;

  const flush = (): void => {
    if (pixel < 0) return;
    const cover = Math.max(1 / LEVELS, Math.min(1, Math.ceil(busy * LEVELS) / LEVELS));
    const before = result.at(-1);
    if (before?.place === -1 && before.to === pixel && before.status === state && before.cover === cover) {
      before.to = pixel + 1;
    } else {
      result.push({ from: pixel, to: pixel + 1, status: state, cover, place: -1 });
    }
    pixel = -1;
  };
  for (let rank = bars.from(lane, range.from, now); rank < places.length; rank += 1) {
    const place = places[rank];
    if (start[place] > range.to) break;
    const from = (start[place] - range.from) * scale;
    const to = (bars.end(place, now) - range.from) * scale;
    if (to - from >= LEAST_WIDTH) {
      flush();
      result.push({ from, to, status: status[place], cover: 1, place });
      continue;
    }
    const middle = Math.max(0, Math.floor((from + to) / 2));
    if (middle !== pixel) {
      flush();
      [pixel, busy, state] = [middle, 0, status[place]];
    }
    busy += to - from;
    if (RANK[status[place]] < RANK[state]) state = status[place];
  }
  flush();
  return result;
}

/** The bar at a time in a lane, or the nearest within a slack; -1 if there is none. */
export function barAt(bars: Bars, lane: number, time: number, slack: number, now: number): number {
  const places = bars.lane(lane);
  let best = -1;
  let least = slack;
  for (let rank = bars.from(lane, time - slack, now); rank < places.length; rank += 1) {
    const place = places[rank];
    const start = bars.columns.start[place];
    if (start > time + slack) break;
    const distance = Math.max(start - time, time - bars.end(place, now), 0);
    if (distance <= least) {
      // Of those under the pointer, the last: it is painted last.
      best = place;
      least = distance;
    }
  }
  return best;
}

/** The bar beside one: before or after it in its lane, or at the same time in the next lane that has any. */
export function neighbour(bars: Bars, place: number, along: number, across: number, now: number): number {
  if (place < 0) return bars.count > 0 ? 0 : -1;
  const { lane, start } = bars.columns;
  if (along !== 0) {
    const places = bars.lane(lane[place]);
    return places[places.indexOf(place) + along] ?? place;
  }
  const time = (start[place] + bars.end(place, now)) / 2;
  for (let other = lane[place] + across; other >= 0 && other < bars.laneCount; other += across) {
    const found = barAt(bars, other, time, Infinity, now);
    if (found >= 0) return found;
  }
  return place;
}

/** The greatest reading of each pixel; not a number where there is none. */
export function peaks(samples: Float64Array, count: number, range: TimeRange, width: number): Float64Array {
  const result = new Float64Array(Math.max(1, Math.ceil(width))).fill(NaN);
  const scale = width / (range.to - range.from);
  for (let i = 0; i < count; i += 1) {
    const pixel = Math.floor((samples[2 * i] - range.from) * scale);
    if (pixel < 0 || pixel >= result.length) continue;
    const value = samples[2 * i + 1];
    if (!(result[pixel] >= value)) result[pixel] = value;
  }
  return result;
}
