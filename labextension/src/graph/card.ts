import { STATUSES } from '../status_table';
import { clamp, set, svg } from '../common/dom';
import { shorten } from '../common/format';
import { isStep, type Counts, type SceneNode } from './scene';
import { inTwo } from './two_lines';
import { segments, summarise } from './summary';

const PAD = 12;
const FIRST_LINE = 21;
const LINE = 15;
const BAR = 5;

/** Below this scale names and counts are drawn larger than the rest, so that they can be read. */
export const FAR = 0.85;
/** Below this one, counts are left out too. */
const VERY_FAR = 0.48;
const FAR_COUNTS = 10;
/** What the tooltip says beside name and counts, at most. */
const MOST_LINES = 6;
const CHARACTER = 0.56;
const FAR_FONT = 11.5;
/** How far a name is made smaller before it is cut. */
const SQUEEZE = 0.82;
/** And before two lines are not tried any more. */
const LEAST_WRAPPED = 0.72;
/** Height of each of two lines, in font sizes. */
const TWO_LINES = 1.1;

/** One node on the page. */
export class Card {
  readonly group: SVGGElement;
  /** What has the focus and a name in words; the texts beside it are for the eye. */
  readonly box: SVGRectElement;
  private readonly name: SVGTextElement;
  private readonly progress = svg('text', { class: 'jmpv-progress', x: PAD });
  private readonly remarks = svg('text', { class: 'jmpv-remarks', 'text-anchor': 'end' });
  private readonly glyph = svg('text', { class: 'jmpv-state', 'text-anchor': 'end', y: FIRST_LINE });
  private readonly bar = svg('g');
  private readonly pieces = new Map<number, SVGRectElement>();
  private counts: Counts;
  /** Width of the name for each pixel of font size. */
  private readonly nameWidth: number;
  private k = 1;

  constructor(readonly node: SceneNode) {
    const { w, h, kind } = node;
    const step = isStep(node);
    this.nameWidth = nameWidth(node.label, step);
    const middle = w / 2;
    const place = step ? { x: PAD } : { x: middle, 'text-anchor': 'middle' };
    this.name = svg('text', { class: 'jmpv-name', y: FIRST_LINE, ...place }, node.label);
    const lines = node.lines.map((line, index) =>
      svg('text', { class: 'jmpv-line', y: FIRST_LINE + LINE * (index + 1), ...place }, line),
    );
    this.box = svg('rect', {
      class: 'jmpv-box',
      width: w,
      height: h,
      rx: step ? 6 : Math.min(h / 2, 17),
      role: 'button',
      tabindex: -1,
      'aria-pressed': 'false',
    });
    this.group = svg(
      'g',
      {
        class: `jmpv-node jmpv-${kind}${node.init ? ' jmpv-init' : ''}`,
        transform: `translate(${node.x} ${node.y})`,
        'data-id': node.id,
      },
      svg('rect', {
        class: 'jmpv-ring',
        x: -4,
        y: -4,
        width: w + 8,
        height: h + 8,
        rx: step ? 9 : h / 2 + 4,
      }),
      this.box,
      this.name,
      ...lines,
    );
    if (step) {
      const bottom = h - 8 - BAR;
      set(this.glyph, { x: w - PAD });
      set(this.progress, { y: bottom - 7 });
      set(this.remarks, { y: bottom - 7, x: w - PAD });
      set(this.bar, { transform: `translate(${PAD} ${bottom})`, class: 'jmpv-bar' });
      this.bar.append(svg('rect', { class: 'jmpv-track', width: w - 2 * PAD, height: BAR, rx: BAR / 2 }));
      this.group.append(this.glyph, this.progress, this.remarks, this.bar);
    }
    for (const text of this.group.querySelectorAll('text')) set(text, { 'aria-hidden': 'true' });
    this.counts = node.counts;
    this.show(node.counts);
  }

  /** Show other counts; those of a run that is over stay as they are. */
  show(counts: Counts, isOver = false): void {
    this.counts = counts;
    const { node } = this;
    const summary = summarise(node, counts, isOver);
    const kind = { task: 'Task', quantum: 'Quantum', dataset_type: 'Dataset type', dataset: 'Dataset' }[
      node.kind
    ];
    const spoken = isStep(node) && summary.total ? `, ${summary.spoken}` : '';
    set(this.box, { 'aria-label': `${kind} ${node.label}${spoken}` });
    if (!isStep(node)) return;
    const state = STATUSES[summary.state] as (typeof STATUSES)[number] | undefined;
    for (const { css } of STATUSES) this.group.classList.toggle(css, css === state?.css);
    this.glyph.textContent = state?.glyph ?? '';
    this.progress.textContent = summary.progress;
    this.remarks.replaceChildren(
      ...summary.remarks.map(({ code, text }, index) =>
        svg('tspan', { class: STATUSES[code].css, dx: index ? 7 : 0 }, text),
      ),
    );
    // Of a pipeline alone nothing is known that would fill it.
    this.bar.style.display = summary.total ? '' : 'none';
    this.showBar();
    this.fitCounts();
  }

  /** Lines of the tooltip. */
  tip(): string[] {
    const [title, ...lines] = this.node.hint.split('\n');
    const { spoken, total } = summarise(this.node, this.counts);
    return [title, ...(isStep(this.node) && total ? [spoken] : []), ...lines.slice(0, MOST_LINES)];
  }

  /** Draw name and counts so that they can be read at this scale. */
  rescale(k: number): void {
    const { node, name, glyph } = this;
    this.k = k;
    const step = isStep(node);
    const far = k < FAR;
    const best = far ? Math.min(FAR_FONT / k, node.h * (step ? 0.46 : 0.62)) : 0;
    const room = node.w - PAD - (step ? PAD + 0.9 * best + 6 : 0);
    const size = clamp(room / this.nameWidth, best * SQUEEZE, best);
    const share = far ? room / (size * this.nameWidth) : 1;
    if (share < 1 && this.wrap(best, k)) return;
    const length = node.label.length;
    name.textContent =
      far && size * k < 5 ? '' : shorten(node.label, share >= 1 ? length : Math.floor(length * share));
    name.style.fontSize = glyph.style.fontSize = far ? `${size.toFixed(1)}px` : '';
    const middle = node.h * (!step ? 0.5 : k < VERY_FAR ? 0.4 : 0.27);
    const y = far ? middle + size * 0.36 : FIRST_LINE;
    set(name, { y });
    set(glyph, { y });
    this.fitCounts();
  }

  /** Write a name that is too long into two lines, if there is room for them; tells whether there was. */
  private wrap(best: number, k: number): boolean {
    const { node, name, glyph } = this;
    const halves = inTwo(node.label) ?? [node.label, ''];
    const height = node.h - (isStep(node) ? 8 + BAR : 0) - (k < VERY_FAR ? 0 : FAR_COUNTS / k);
    if (!isStep(node)) return false;
    // The state stands beside the shorter line.
    const lengths = halves.map(half => (half ? nameWidth(half, true) : 0));
    const beside = lengths[0] < lengths[1] ? 0 : 1;
    const widths = lengths.map((length, index) => length + (index === beside ? 1.1 : 0));
    const size = Math.min(best, (node.w - 1.5 * PAD) / Math.max(...widths), height / (2 * TWO_LINES));
    if (size < best * LEAST_WRAPPED) return false;
    const top = (height - 2 * TWO_LINES * size) / 2 + size * 0.92;
    name.replaceChildren(
      ...halves.map((half, index) => svg('tspan', { x: PAD, y: top + index * TWO_LINES * size }, half)),
    );
    name.style.fontSize = `${size.toFixed(1)}px`;
    glyph.style.fontSize = `${Math.min(best, size * 1.1).toFixed(1)}px`;
    set(glyph, { y: top + beside * TWO_LINES * size });
    this.fitCounts();
    return true;
  }

  /** Counts keep a size that can be read; if there is no room for all, what went wrong stays. */
  private fitCounts(): void {
    const { k, node, progress, remarks } = this;
    const size = k < FAR ? FAR_COUNTS / k : 11;
    for (const text of [progress, remarks]) {
      text.style.fontSize = k < FAR ? `${size.toFixed(1)}px` : '';
      text.style.display = k < VERY_FAR ? 'none' : '';
    }
    const characters = (progress.textContent.length + remarks.textContent.length) * CHARACTER * size;
    const spaces = 8 * remarks.childElementCount;
    if (remarks.textContent && characters + spaces > node.w - 2 * PAD) progress.style.display = 'none';
  }

  private showBar(): void {
    const rest = new Set(this.pieces.keys());
    for (const { code, from, width } of segments(this.counts, this.node.w - 2 * PAD)) {
      let piece = this.pieces.get(code);
      if (!piece) {
        piece = svg('rect', { class: `jmpv-piece ${STATUSES[code].css}`, height: BAR, rx: 1.5 });
        this.pieces.set(code, piece);
        this.bar.append(piece);
      }
      // As style, not as attribute: style moves smoothly.
      piece.style.x = `${from.toFixed(2)}px`;
      piece.style.width = `${Math.max(1, width - 1).toFixed(2)}px`;
      rest.delete(code);
    }
    for (const code of rest) {
      this.pieces.get(code)!.remove();
      this.pieces.delete(code);
    }
  }
}

let ruler: CanvasRenderingContext2D | null = null;

function nameWidth(text: string, bold: boolean): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return text.length * 0.6;
  ruler.font = `${bold ? '700 ' : ''}100px Helvetica, Arial, "Liberation Sans", sans-serif`;
  return ruler.measureText(text).width / 100 || 1;
}
