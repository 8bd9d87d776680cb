/** Runs in words and numbers, for the list and the page of a run. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { duration, number } from '../common/format';
import type { Counts } from '../graph/scene';
import { READING_ORDER, STATUSES } from '../status_table';
import type { RunRow } from './api';

const WENT_WRONG = ['failed', 'blocked', 'cancelled'];

/** The word of a state, as it is read; those that come from Python are listed for who collects texts. */
export function stateWord(word: string, trans: TranslationBundle): string {
  const words: Record<string, string | undefined> = {
    preparing: trans.__('preparing'),
    pending: trans.__('pending'),
    held: trans.__('held'),
    dead: trans.__('dead'),
    running: trans.__('running'),
    paused: trans.__('paused'),
    stopping: trans.__('stopping'),
    stopped: trans.__('stopped'),
    succeeded: trans.__('succeeded'),
    no_work: trans.__('no work'),
    skipped: trans.__('skipped'),
    failed: trans.__('failed'),
    blocked: trans.__('blocked'),
    cancelled: trans.__('cancelled'),
  };
  return words[word.replace(' ', '_')] ?? word;
}

export function quantaText(count: number, trans: TranslationBundle): string {
  return trans._n('%2 quantum', '%2 quanta', count, number(count));
}

export function tasksText(count: number, trans: TranslationBundle): string {
  return trans._n('%2 task', '%2 tasks', count, number(count));
}

/** How far a run is, what matters first: "2 failed, 38 of 56 done". A narrow list has room for one trouble. */
export function progressText(
  row: Pick<RunRow, 'total' | 'ended' | 'counts' | 'is_final' | 'trouble'>,
  trans: TranslationBundle,
  mostTroubles = WENT_WRONG.length,
): string {
  if (row.trouble) return row.trouble;
  if (!row.total) return row.is_final ? trans.__('did not begin') : trans.__('getting ready');
  const wrong = WENT_WRONG.filter(name => row.counts[name]);
  const done = wrong.reduce((rest, name) => rest - row.counts[name], row.ended);
  const words = wrong
    .slice(0, mostTroubles)
    .map(name => `${number(row.counts[name])} ${stateWord(name, trans)}`);
  return [...words, trans.__('%1 of %2 done', number(done), number(row.total))].join(', ');
}

/** How long ago: one unit is enough to tell runs apart. */
export function ago(then: number, now: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, now - then);
  if (seconds < 10) return trans.__('just now');
  return trans.__('%1 ago', duration(seconds).split(' ').slice(0, 2).join(' '));
}

/** Parts of a bar in percent, in the order of all bars; what is pending is left empty. In a dead run, nothing is running. */
export function shares(
  counts: Counts,
  trans: TranslationBundle,
  isAlive = true,
): { css: string; percent: number; word: string }[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (!total) return [];
  const word = (known: string): string =>
    known === 'running' && !isAlive ? trans.__('broken off') : stateWord(known, trans);
  return READING_ORDER.map(code => STATUSES[code])
    .filter(status => status.name !== 'pending' && counts[status.name])
    .map(status => ({
      css: status.css,
      percent: (100 * counts[status.name]) / total,
      word: `${number(counts[status.name])} ${word(status.word)}`,
    }));
}

/** Runs that go on come first, then the newest. */
export function inOrder(rows: readonly RunRow[]): RunRow[] {
  return [...rows].sort((a, b) => Number(b.is_alive) - Number(a.is_alive) || b.started_at - a.started_at);
}

/** Whether a run has all words that somebody looks for: in its name, its state, or its repository. */
export function isMeant(row: RunRow, words: string, trans: TranslationBundle): boolean {
  const known = [row.output, row.id, row.repository, row.look.word, stateWord(row.look.word, trans)]
    .join(' ')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every(word => known.includes(word));
}

/** The end of an identifier, which tells runs with the same output apart. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}
