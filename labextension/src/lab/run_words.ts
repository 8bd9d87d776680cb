/** Runs in words and numbers, for the list and the page of a run. */
import { duration, number } from '../common/format';
import type { Counts } from '../graph/scene';
import { READING_ORDER, STATUSES } from '../status_table';
import type { RunRow } from './api';

const WENT_WRONG = ['failed', 'blocked', 'cancelled'];

/** How far a run is: "40 of 56, 2 failed". */
export function progressText(
  row: Pick<RunRow, 'total' | 'ended' | 'counts' | 'is_final' | 'trouble'>,
): string {
  if (row.trouble) return row.trouble;
  if (!row.total) return row.is_final ? 'did not begin' : 'getting ready';
  const wrong = WENT_WRONG.filter(name => row.counts[name]).map(
    name => `${number(row.counts[name])} ${name}`,
  );
  return [`${number(row.ended)} of ${number(row.total)}`, ...wrong].join(', ');
}

/** How long ago: one unit is enough to tell runs apart. */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, now - then);
  if (seconds < 10) return 'just now';
  return `${duration(seconds).split(' ').slice(0, 2).join(' ')} ago`;
}

/** Parts of a bar in percent, in the order of all bars; what is pending is left empty. */
export function shares(counts: Counts): { css: string; percent: number; word: string }[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (!total) return [];
  return READING_ORDER.map(code => STATUSES[code])
    .filter(status => status.name !== 'pending' && counts[status.name])
    .map(status => ({
      css: status.css,
      percent: (100 * counts[status.name]) / total,
      word: `${number(counts[status.name])} ${status.word}`,
    }));
}

/** Runs that go on come first, then the newest. */
export function inOrder(rows: readonly RunRow[]): RunRow[] {
  return [...rows].sort((a, b) => Number(b.is_alive) - Number(a.is_alive) || b.started_at - a.started_at);
}

/** The end of an identifier, which tells runs with the same output apart. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}
