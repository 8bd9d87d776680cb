import { STATUSES } from '../status_table';
import { button, clamp, html, set } from '../common/dom';
import { plural } from '../common/format';
import { Legend } from '../common/legend';
import { Resting } from '../common/resting';
import { Sheet } from '../common/sheet';
import { Shell } from '../common/shell';
import { Cells } from './cells';
import { cellAt, fittingPitch, flowLength, LEAST_CELL, MOST_CELL, scrollTo, type Geometry } from './geometry';
import { paint, sample, type Picture } from './paint';

const ZOOM_STEP = 1.4;
const HEADER = 36;
const FAILED = STATUSES.findIndex(status => status.name === 'failed');
const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What is on the axes, and where each quantum is. */
export interface GridContent {
  columns: string[];
  rows: string[];
  columnAxis: string;
  rowAxis: string;
  title: string;
  across: Uint32Array;
  down: Uint32Array;
}

export interface GridOptions {
  label: string;
  height: number;
  /** The user selected a cell; -1 means none. */
  onSelect(index: number): void;
  /** The pointer or the keyboard rests on a cell: more may be told of it. */
  onRest(index: number): void;
}

/** Quanta as a grid of cells. It knows nothing of widgets. */
export class GridPanel {
  private content: GridContent = {
    columns: [],
    rows: [],
    columnAxis: '',
    rowAxis: '',
    title: '',
    across: new Uint32Array(),
    down: new Uint32Array(),
  };
  private cells = new Cells(0, 0, new Uint32Array(), new Uint32Array());
  private statuses: Uint8Array = new Uint8Array();
  private readonly counts = STATUSES.map(() => 0);
  private pitch = 0;
  private zoomed = false;
  private active = -1;
  private selected = -1;
  private readonly shell: Shell;
  private readonly sheet: Sheet;
  private readonly resting: Resting;
  private readonly legend = new Legend();
  private readonly title = html('span', { class: 'jmpv-title' });

  constructor(
    host: HTMLElement,
    private readonly options: GridOptions,
  ) {
    this.shell = new Shell(host, 'grid', options.label);
    this.shell.footer.append(this.legend.element);
    this.shell.tools.append(
      this.title,
      html('span', { class: 'jmpv-space' }),
      button('✗ next', '✗ next: select the next failed quantum (F)', () => {
        this.nextFailed();
      }),
      button('−', 'Zoom out (−)', () => {
        this.zoom(1 / ZOOM_STEP);
      }),
      button('+', 'Zoom in (+)', () => {
        this.zoom(ZOOM_STEP);
      }),
      button('Fit', 'Fit the width (0)', () => {
        this.fit();
      }),
    );
    this.resting = new Resting(
      this.shell,
      index => this.words(index),
      index => {
        options.onRest(index);
      },
    );
    this.sheet = new Sheet(
      this.shell.stage,
      `${options.label}: arrow keys move, Enter selects, F selects the next failed one`,
      (context, palette) => {
        paint(context, this.picture(), this.geometry(), palette);
      },
      () => {
        this.layOut();
      },
    );
    this.listen();
  }

  /** Show other quanta. */
  setContent(content: GridContent, statuses: Uint8Array): void {
    this.content = content;
    this.active = this.selected = -1;
    this.zoomed = false;
    this.title.textContent = content.title;
    this.cells = new Cells(content.columns.length, content.rows.length, content.across, content.down);
    this.setStatuses(statuses);
    this.sheet.scroller.scrollTo(0, 0);
    this.layOut();
  }

  /** Set the states of all cells. */
  setStatuses(statuses: Uint8Array): void {
    this.statuses = statuses;
    this.counts.fill(0);
    for (const code of statuses) this.counts[code] += 1;
    this.refresh();
  }

  /** Set the states of some cells. */
  changeStatuses(indices: Uint32Array, codes: Uint8Array): void {
    indices.forEach((index, place) => {
      if (index >= this.statuses.length) return;
      this.counts[this.statuses[index]] -= 1;
      this.counts[codes[place]] += 1;
      this.statuses[index] = codes[place];
    });
    this.refresh();
  }

  /** Select a cell without telling anybody. */
  select(index: number): void {
    this.selected = index < this.content.across.length ? index : -1;
    if (this.selected >= 0) {
      this.active = this.selected;
      this.reveal(this.selected);
    }
    this.sheet.ask();
  }

  /** Add lines to the tooltip, if it still is on that cell. */
  describe(index: number, text: string): void {
    this.resting.describe(index, text);
  }

  /** Scroll the page as far as needed to see the grid. */
  comeIntoSight(): void {
    this.shell.comeIntoSight();
  }

  setHeight(height: number): void {
    this.options.height = height;
    this.layOut();
  }

  dispose(): void {
    this.resting.leave();
    this.sheet.dispose();
    this.shell.remove();
  }

  private refresh(): void {
    this.legend.show(this.counts);
    this.sheet.ask();
  }

  /** Whether the cells have no second axis, and so may flow. */
  private get flows(): boolean {
    return this.content.rows.length <= 1;
  }

  private layOut(): void {
    const { content, sheet } = this;
    const count = content.across.length;
    const room = sheet.width - this.left - 2;
    if (room <= 0) return;
    const most = this.options.height;
    if (this.flows) {
      const length = this.zoomed
        ? Math.max(1, Math.floor(room / this.pitch))
        : flowLength(count, room, most - this.top);
      if (!this.zoomed) this.pitch = fittingPitch(length, room);
      if (this.cells.count !== count || this.cells.columns !== Math.min(length, count)) {
        this.cells = Cells.flowing(count, length);
      }
    } else if (!this.zoomed) {
      this.pitch = fittingPitch(content.columns.length, room);
    }
    const height = this.top + this.cells.rows * this.pitch + 4;
    sheet.setExtent(this.left + this.cells.columns * this.pitch, height);
    this.shell.stage.style.height = `${Math.min(most, Math.max(60, height + 10))}px`;
    sheet.ask();
  }

  private get left(): number {
    if (this.flows) return 4;
    const longest = Math.max(
      this.content.rowAxis.length + 3,
      ...sample(this.content.rows).map(text => text.length),
    );
    return clamp(longest * 6.4 + 16, 30, 150);
  }

  private get top(): number {
    return this.flows ? 4 : HEADER;
  }

  private geometry(): Geometry {
    const { scroller } = this.sheet;
    return {
      pitch: this.pitch,
      left: this.left,
      top: this.top,
      scrollX: scroller.scrollLeft,
      scrollY: scroller.scrollTop,
      width: this.sheet.width,
      height: this.sheet.height,
    };
  }

  private picture(): Picture {
    const { content, flows } = this;
    return {
      cells: this.cells,
      statuses: this.statuses,
      columns: flows ? [] : content.columns,
      rows: flows ? [] : content.rows,
      columnAxis: content.columnAxis,
      rowAxis: content.rowAxis,
      selected: this.selected,
      active: this.active,
      focused: this.sheet.scroller.matches(':focus-visible'),
    };
  }

  /** Zoom about a point; by default about the cell that the keyboard is at, or the middle. */
  private zoom(factor: number, at?: readonly [number, number]): void {
    const before = this.geometry();
    const [x, y] =
      at ?? (this.active < 0 ? [before.width / 2, before.height / 2] : this.placeOf(this.active));
    const all = fittingPitch(this.cells.columns, before.width - before.left - 2);
    const pitch = clamp(this.pitch * factor, Math.min(LEAST_CELL, this.flows ? LEAST_CELL : all), MOST_CELL);
    const real = pitch / this.pitch;
    this.pitch = pitch;
    this.zoomed = true;
    this.layOut();
    this.sheet.scroller.scrollTo(
      (before.scrollX + x - before.left) * real - (x - before.left),
      (before.scrollY + y - before.top) * real - (y - before.top),
    );
    if (!at) this.go(this.active);
  }

  private fit(): void {
    this.zoomed = false;
    this.layOut();
  }

  private words(index: number): string[] {
    const { columns, rows, columnAxis, rowAxis, across, down } = this.content;
    const part = (axis: string, value: string | undefined): string => [axis, value].filter(Boolean).join(' ');
    const parts = [part(rowAxis, rows[down[index]]), part(columnAxis, columns[across[index]])];
    const { glyph, word } = STATUSES[this.statuses[index]];
    return [parts.filter(Boolean).join(', '), `${glyph} ${word}`];
  }

  private reveal(index: number): void {
    const { x, y } = scrollTo(this.geometry(), this.cells.column(index), this.cells.row(index));
    this.sheet.scroller.scrollTo(x, y);
  }

  /** Let the keyboard stand on another cell. */
  private go(index: number): void {
    if (index < 0) return;
    this.active = index;
    this.reveal(index);
    const [x, y] = this.placeOf(index);
    this.resting.arrive(index, x - 10, y - 10);
    this.sheet.ask();
  }

  /** The lower right corner of a cell, on the canvas. */
  private placeOf(index: number): [number, number] {
    const { left, top, scrollX, scrollY, pitch } = this.geometry();
    return [
      left + (this.cells.column(index) + 1) * pitch - scrollX,
      top + (this.cells.row(index) + 1) * pitch - scrollY,
    ];
  }

  private choose(index: number): void {
    if (index < 0) return;
    this.selected = this.active = index;
    this.shell.say(`Selected: ${this.words(index).join(', ')}`);
    this.sheet.ask();
    this.options.onSelect(index);
  }

  private nextFailed(): void {
    const next = this.cells.seek(this.active, index => this.statuses[index] === FAILED);
    if (next < 0) this.shell.say('No failed quantum.');
    this.go(next);
    this.choose(next);
  }

  private listen(): void {
    const { scroller, canvas } = this.sheet;
    const at = (event: MouseEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener('pointermove', event => {
      const [x, y] = at(event);
      const index = cellAt(this.geometry(), this.cells, x, y);
      if (index < 0) {
        this.resting.leave();
        canvas.style.cursor = '';
        return;
      }
      this.resting.rest(index, x, y);
      canvas.style.cursor = 'pointer';
    });
    canvas.addEventListener('pointerleave', () => {
      this.resting.leave();
    });
    canvas.addEventListener('click', event => {
      this.choose(cellAt(this.geometry(), this.cells, ...at(event)));
    });
    scroller.addEventListener(
      'wheel',
      event => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY * (Math.abs(event.deltaY) < 30 ? 0.01 : 0.0018)), at(event));
      },
      { passive: false },
    );
    scroller.addEventListener('keydown', event => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.press(event)) event.preventDefault();
    });
    scroller.addEventListener('focus', () => {
      if (this.active < 0) this.shell.say(plural(this.content.across.length, 'quantum', 'quanta'));
      this.sheet.ask();
    });
    scroller.addEventListener('blur', () => {
      this.resting.leave();
      this.sheet.ask();
    });
    set(scroller, { 'aria-roledescription': 'grid of quanta' });
  }

  private press({ key }: KeyboardEvent): boolean {
    if (key in KEYS) this.go(this.cells.next(this.active, ...KEYS[key]));
    else if ((key === 'Home' || key === 'End') && this.active >= 0)
      this.go(this.cells.ends(this.active)[key === 'Home' ? 0 : 1]);
    else if (key === 'Enter' || key === ' ') this.choose(this.active);
    else if (key === 'f' || key === 'F') this.nextFailed();
    else if (key === '+' || key === '=') this.zoom(ZOOM_STEP);
    else if (key === '-') this.zoom(1 / ZOOM_STEP);
    else if (key === '0') this.fit();
    else return false;
    return true;
  }
}
