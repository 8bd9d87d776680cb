import { READING_ORDER, STATUSES, WORST_FIRST } from '../status_table';
import { number, plural } from '../common/format';
import type { Counts, SceneNode } from './scene';

export interface Segment {
  code: number;
  from: number;
  width: number;
}

/** What a node with counts says. */
export interface Summary {
  total: number;
  /** Quanta to which nothing more happens. */
  done: number;
  /** The one state that stands for all, as a code; -1 without quanta. */
  state: number;
  /** Left of the bar: "8 of 12". */
  progress: string;
  /** States that deserve attention, in order. */
  remarks: { code: number; text: string }[];
  /** All in words. */
  spoken: string;
}

export const PENDING = 0;
export const RUNNING = 1;
const SUCCEEDED = 2;

export function codes(counts: Counts): number[] {
  return STATUSES.map(status => counts[status.name] ?? 0);
}

export function summarise(node: Pick<SceneNode, 'kind'>, counts: Counts, isOver = false): Summary {
  const byCode = codes(counts);
  const total = byCode.reduce((sum, count) => sum + count, 0);
  const done = total - byCode[PENDING] - byCode[RUNNING];
  const untouched = byCode[PENDING] === total;
  let state = WORST_FIRST.find(code => byCode[code]) ?? -1;
  // A task that waits for its next quantum in the midst of its work counts as running, unless none will come.
  if (state === PENDING && done > 0 && !isOver) state = RUNNING;
  const words = READING_ORDER.filter(code => byCode[code]).map(
    code => `${number(byCode[code])} ${STATUSES[code].word}`,
  );
  if (node.kind === 'quantum') {
    const word = state < 0 ? '' : STATUSES[state].word;
    return { total, done, state, progress: word, remarks: [], spoken: word };
  }
  return {
    total,
    done,
    state,
    progress:
      total === 0
        ? ''
        : untouched || done === total
          ? plural(total, 'quantum', 'quanta')
          : `${number(done)} of ${number(total)}`,
    remarks: READING_ORDER.filter(code => byCode[code] && code !== PENDING && code !== SUCCEEDED).map(
      code => ({
        code,
        text: `${STATUSES[code].glyph} ${number(byCode[code])}`,
      }),
    ),
    spoken: total === 0 ? 'no quanta' : `${number(done)} of ${number(total)} done: ${words.join(', ')}`,
  };
}

/** Divide a bar among the states; a rare state is still a sliver that can be seen. Pending is what is left empty. */
export function segments(counts: Counts, width: number, least = 3): Segment[] {
  const byCode = codes(counts);
  const total = byCode.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const present = READING_ORDER.filter(code => byCode[code]);
  const wished = present.map(code => Math.max(least, (width * byCode[code]) / total));
  const scale = width / wished.reduce((sum, value) => sum + value, 0);
  let from = 0;
  const result: Segment[] = [];
  present.forEach((code, index) => {
    const length = wished[index] * scale;
    if (code !== PENDING) result.push({ code, from, width: length });
    from += length;
  });
  return result;
}
