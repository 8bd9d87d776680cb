import { STATUSES } from '../status_table';
import { clamp, html, set } from '../common/dom';

/** Code of the state, task, time, memory, data ID, and what stands for the quantum in messages. */
export type Row = [number, string, string, string, string, number];

export interface RowsOptions {
  label: string;
  height: number;
  onSelect(ids: number[]): void;
}

const HEAD = ['state', 'task', 'time', 'memory', 'data ID'];
let count = 0;

/** Quanta as rows, of which several can be selected. It knows nothing of widgets. */
export class RowsPanel {
  private rows: readonly Row[] = [];
  private selected = new Set<number>();
  /** Row that the keyboard is at, and where a range begins. */
  private active = 0;
  private anchor = 0;
  private readonly root = html('div', { class: 'jmpx jmpv jmpv-rows', 'data-lm-suppress-shortcuts': 'true' });
  private readonly list: HTMLElement;
  private readonly prefix = `jmpv-rows-${String(++count)}-`;

  constructor(
    host: HTMLElement,
    private readonly options: RowsOptions,
  ) {
    const head = html('div', { class: 'jmpv-row jmpv-row-head', 'aria-hidden': 'true' });
    head.append(...HEAD.map(name => html('span', {}, name)));
    this.list = html('div', {
      class: 'jmpv-row-list',
      role: 'listbox',
      tabindex: '0',
      'aria-label': options.label,
      'aria-multiselectable': 'true',
    });
    this.list.style.height = `${String(options.height)}px`;
    this.list.addEventListener('click', event => {
      this.click(event);
    });
    this.list.addEventListener('keydown', event => {
      this.press(event);
    });
    this.root.append(head, this.list);
    host.append(this.root);
  }

  setRows(rows: readonly Row[]): void {
    const at = this.rows.at(this.active)?.[5];
    this.rows = rows;
    const place = rows.findIndex(row => row[5] === at);
    this.active = this.anchor = Math.max(0, place);
    const top = this.list.scrollTop;
    this.list.replaceChildren(...rows.map((row, index) => this.draw(row, index)));
    this.list.scrollTop = top;
    this.mark();
  }

  select(ids: readonly number[]): void {
    this.selected = new Set(ids);
    this.mark();
  }

  dispose(): void {
    this.root.remove();
  }

  private draw([code, task, time, memory, dataId]: Row, index: number): HTMLElement {
    const status = STATUSES[code];
    return html(
      'div',
      { role: 'option', id: this.prefix + String(index), class: `jmpv-row jmpv-row-${status.name}` },
      html('span', { class: `jmpv-row-state ${status.css}` }, `${status.glyph} ${status.word}`),
      html('span', { title: task }, task),
      html('span', {}, time),
      html('span', {}, memory),
      html('span', { title: dataId }, dataId),
    );
  }

  private mark(): void {
    this.rows.forEach((row, index) => {
      const element = this.list.children[index];
      set(element, { 'aria-selected': String(this.selected.has(row[5])) });
      element.classList.toggle('jmpv-row-active', index === this.active);
    });
    set(this.list, { 'aria-activedescendant': this.rows.length > 0 && this.prefix + String(this.active) });
  }

  private click(event: MouseEvent): void {
    const row = (event.target as Element).closest('[role=option]');
    if (row === null) return;
    const index = [...this.list.children].indexOf(row);
    this.moveTo(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one');
  }

  private press(event: KeyboardEvent): void {
    const last = this.rows.length - 1;
    const places: Record<string, number> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + 10,
      PageUp: this.active - 10,
      Home: 0,
      End: last,
    };
    const all = event.key === 'a' && (event.ctrlKey || event.metaKey);
    const { active } = this;
    if (last < 0 || !(all || event.key === ' ' || event.key === 'Enter' || event.key in places)) return;
    event.preventDefault();
    event.stopPropagation();
    if (all) this.choose(this.rows.map(row => row[5]));
    else if (event.key === ' ') this.moveTo(active, 'toggle');
    else if (event.key === 'Enter') this.moveTo(active, 'one');
    else this.moveTo(clamp(places[event.key], 0, last), event.shiftKey ? 'range' : 'one');
  }

  private moveTo(index: number, how: 'one' | 'toggle' | 'range'): void {
    const id = this.rows[index][5];
    this.active = index;
    if (how !== 'range') this.anchor = index;
    if (how === 'one') this.choose([id]);
    else if (how === 'toggle') {
      const others = [...this.selected].filter(other => other !== id);
      this.choose(this.selected.has(id) ? others : [...others, id]);
    } else {
      const [first, last] = [Math.min(index, this.anchor), Math.max(index, this.anchor)];
      this.choose(this.rows.slice(first, last + 1).map(row => row[5]));
    }
    this.list.children[index].scrollIntoView({ block: 'nearest' });
  }

  private choose(ids: number[]): void {
    this.select(ids);
    this.options.onSelect(ids);
  }
}
