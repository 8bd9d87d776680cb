import { html, set } from '../common/dom';
import { followed, revealed, rowAfter } from './movement';

/** Cells of a row, and what is special about it: classes of CSS. */
export type Pick = [cells: string[], marks: string[], title: string];

export interface PicksOptions {
  label: string;
  /** Only the first cell can be picked with the mouse, so that the rest can be selected as text. */
  gutter: boolean;
  onPick(index: number): void;
}

let count = 0;

/** Rows of which one is picked at a time: lines of source, frames, variables. It knows nothing of widgets. */
export class PicksPanel {
  readonly root: HTMLElement;
  private active = 0;
  private shown = '';
  private readonly resized: ResizeObserver;
  private readonly prefix = `jmpd-${String(++count)}-`;

  constructor(
    host: HTMLElement,
    private readonly options: PicksOptions,
  ) {
    this.root = html('div', {
      class: `jmpd${options.gutter ? ' jmpd-gutter' : ''}`,
      role: 'listbox',
      tabindex: '0',
      'aria-label': options.label,
      'data-lm-suppress-shortcuts': 'true',
    });
    this.root.addEventListener('click', event => {
      this.click(event);
    });
    this.root.addEventListener('keydown', event => {
      this.press(event);
    });
    host.append(this.root);
    // Only once it has a size can the current row be brought into view.
    this.resized = new ResizeObserver(() => {
      this.reveal(this.active);
    });
    this.resized.observe(this.root);
  }

  /** Show other rows; the current one is brought into view when it has moved. */
  show(rows: readonly Pick[], current: number): void {
    this.root.replaceChildren(...rows.map((row, index) => this.draw(row, index, index === current)));
    const place = `${String(current)} ${rows[current]?.[2] ?? ''} ${rows[0]?.[0].join() ?? ''}`;
    if (place !== this.shown) {
      this.shown = place;
      this.active = Math.max(0, current);
      this.reveal(this.active);
    }
    this.mark();
  }

  dispose(): void {
    this.resized.disconnect();
    this.root.remove();
  }

  private draw([cells, marks, title]: Pick, index: number, current: boolean): HTMLElement {
    return html(
      'div',
      {
        role: 'option',
        id: this.prefix + String(index),
        class: ['jmpd-row', ...marks].join(' '),
        'aria-selected': String(current),
        title: title || undefined,
        'aria-label': title ? `${cells.join(' ')} ${title}` : undefined,
      },
      ...cells.map(cell => html('span', {}, cell)),
    );
  }

  private reveal(index: number): void {
    const row = this.root.children[index] as HTMLElement | undefined;
    if (!row) return;
    // Not scrollIntoView: that would move the notebook.
    const [top, height] = [row.offsetTop - this.root.offsetTop, this.root.clientHeight];
    this.root.scrollTop = revealed(top, row.offsetHeight, { scroll: this.root.scrollTop, height });
  }

  private mark(): void {
    [...this.root.children].forEach((row, index) => {
      row.classList.toggle('jmpd-active', index === this.active);
    });
    set(this.root, {
      'aria-activedescendant': this.root.children.length > 0 && this.prefix + String(this.active),
    });
  }

  private click(event: MouseEvent): void {
    const target = event.target as Element;
    const row = target.closest('[role=option]');
    if (row === null || (this.options.gutter && target !== row.firstElementChild)) return;
    this.active = [...this.root.children].indexOf(row);
    this.mark();
    this.options.onPick(this.active);
  }

  private press(event: KeyboardEvent): void {
    const count = this.root.children.length;
    const picks = event.key === 'Enter' || event.key === ' ';
    const place = rowAfter(event.key, this.active, count);
    if (count === 0 || !(picks || place !== undefined)) return;
    event.preventDefault();
    event.stopPropagation();
    if (place === undefined) {
      this.options.onPick(this.active);
      return;
    }
    this.active = place;
    this.mark();
    const row = this.root.children[this.active] as HTMLElement;
    const top = row.offsetTop - this.root.offsetTop;
    const sight = { scroll: this.root.scrollTop, height: this.root.clientHeight };
    this.root.scrollTop = followed(top, row.offsetHeight, sight);
  }
}
