import { STATUSES } from '../status_table';
import { button, clamp, html } from '../common/dom';
import { bytes, duration } from '../common/format';
import { listen } from '../common/gestures';
import { Legend } from '../common/legend';
import { Resting } from '../common/resting';
import { Sheet } from '../common/sheet';
import { Shell } from '../common/shell';
import { prefersStillness } from '../common/theme';
import { barAt, neighbour } from './aggregate';
import { Bars, type Columns } from './bars';
import { laneAt, paint, timeX, xTime, type Geometry } from './paint';
import { Samples } from './samples';
import { moment } from './time_range';
import { TimeWindow } from './time_window';

const ZOOM_STEP = 1.5;
const PAN_SHARE = 0.15;
const AXIS = 24;
const MEMORY = 62;
const LANE = 24;
const LEAST_LANE = 4;
const POINTER_SLACK = 3;
const BEAT = 100;
const CALM_BEAT = 1000;

export interface TimelineOptions {
  label: string;
  height: number;
  /** The user selected a quantum; -1 means none. */
  onSelect(quantum: number): void;
  /** The pointer or the keyboard rests on a quantum: more may be told of it. */
  onRest(quantum: number): void;
}

/** Bars on lanes along time. It knows nothing of widgets. */
export class TimelinePanel {
  private readonly bars = new Bars();
  private lanes: readonly string[] = [];
  private labels: readonly string[] = [];
  private critical: readonly number[] = [];
  private readonly samples = new Samples();
  private counts = STATUSES.map(() => 0);
  private readonly time = new TimeWindow();
  private active = -1;
  private selected = -1;
  private beat = 0;
  private visible = true;
  private readonly shell: Shell;
  private readonly sheet: Sheet;
  private readonly resting: Resting;
  private readonly legend = new Legend();
  private readonly pathLegend = html('span', { class: 'jmpv-path-legend', hidden: true }, 'critical path');
  private readonly watcher = new IntersectionObserver(entries => {
    this.visible = entries.some(entry => entry.isIntersecting);
    this.tick();
  });

  constructor(
    host: HTMLElement,
    private readonly options: TimelineOptions,
  ) {
    this.shell = new Shell(host, 'timeline', options.label);
    this.shell.footer.append(this.legend.element, this.pathLegend);
    this.shell.tools.append(
      html('span', { class: 'jmpv-space' }),
      button('−', 'Zoom out (−)', () => {
        this.zoom(1 / ZOOM_STEP);
      }),
      button('+', 'Zoom in (+)', () => {
        this.zoom(ZOOM_STEP);
      }),
      button('Fit', 'Fit: show the whole run (0)', () => {
        this.fit();
      }),
    );
    this.resting = new Resting(
      this.shell,
      place => this.words(place),
      place => {
        options.onRest(this.bars.columns.quantum[place]);
      },
    );
    this.sheet = new Sheet(
      this.shell.stage,
      `${options.label}: arrow keys move from bar to bar, Shift with arrows moves in time, Enter selects`,
      (context, palette) => {
        const { bars, lanes, labels, samples, critical, time } = this;
        paint(
          context,
          {
            ...{ bars, lanes, labels, critical },
            samples: samples.values,
            sampleCount: samples.count,
            range: time.range,
            now: time.now,
            live: time.live,
            selected: this.selected < 0 ? -1 : bars.of(this.selected),
            active: this.active,
            focused: this.sheet.scroller.matches(':focus-visible'),
          },
          this.geometry(),
          palette,
        );
      },
      () => {
        this.layOut();
      },
    );
    this.watcher.observe(this.shell.root);
    this.listen();
  }

  setNames(lanes: readonly string[], labels: readonly string[]): void {
    this.lanes = lanes;
    this.labels = labels;
    this.layOut();
  }

  setCritical(quanta: readonly number[]): void {
    this.critical = quanta;
    this.pathLegend.hidden = quanta.length === 0;
    this.sheet.ask();
  }

  setLive(live: boolean): void {
    this.time.live = live;
    this.tick();
  }

  /** Take all bars and readings anew. */
  reset(): void {
    this.bars.clear();
    this.counts.fill(0);
    this.samples.clear();
    this.active = -1;
    this.time.now = 0;
  }

  putBars(places: ArrayLike<number>, columns: Columns): void {
    const known = this.bars.count;
    for (let i = 0; i < places.length; i += 1) {
      if (places[i] < known) this.counts[this.bars.columns.status[places[i]]] -= 1;
      this.counts[columns.status[i]] += 1;
    }
    const lanes = this.laneCount;
    this.bars.put(places, columns);
    if (lanes !== this.laneCount || known === 0) this.layOut();
    this.legend.show(this.counts);
    this.sheet.ask();
  }

  addMemory(samples: Float64Array): void {
    const first = this.samples.count === 0;
    this.samples.add(samples);
    if (first) this.layOut();
    this.sheet.ask();
  }

  /** Tell what time it is: seconds since the run started. */
  setNow(seconds: number): void {
    this.time.now = seconds;
    this.sheet.ask();
  }

  /** Select a quantum without telling anybody. */
  select(quantum: number): void {
    if (quantum === this.selected) return;
    this.selected = quantum;
    const place = quantum < 0 ? -1 : this.bars.of(quantum);
    if (place >= 0) {
      this.active = place;
      this.reveal(place);
    }
    this.sheet.ask();
  }

  /** Add lines to the tooltip, if it still is on that quantum. */
  describe(quantum: number, text: string): void {
    this.resting.describe(this.bars.of(quantum), text);
  }

  setHeight(height: number): void {
    this.options.height = height;
    this.layOut();
  }

  dispose(): void {
    this.resting.leave();
    clearTimeout(this.beat);
    this.watcher.disconnect();
    this.sheet.dispose();
    this.shell.remove();
  }

  private tick(): void {
    clearTimeout(this.beat);
    if (!this.time.live || !this.visible) return;
    if (!document.hidden) {
      this.time.keepUp();
      this.sheet.ask();
    }
    this.beat = window.setTimeout(
      () => {
        this.tick();
      },
      prefersStillness() ? CALM_BEAT : BEAT,
    );
  }

  private get laneCount(): number {
    return Math.max(1, this.lanes.length, this.bars.laneCount);
  }

  private layOut(): void {
    const { top, pitch, memory } = this.geometry();
    const wanted = top + this.laneCount * pitch + memory;
    this.shell.stage.style.height = `${Math.ceil(Math.min(wanted, this.options.height))}px`;
    this.sheet.setExtent(0, wanted);
    this.sheet.ask();
  }

  private geometry(): Geometry {
    const memory = this.samples.count > 0 ? MEMORY : 0;
    const room = this.options.height - AXIS - memory;
    const longest = Math.max(4, ...this.lanes.map(name => name.length));
    return {
      width: this.sheet.width,
      height: this.sheet.height,
      left: clamp(longest * 6.4 + 16, 64, 150),
      top: AXIS,
      pitch: clamp(room / this.laneCount, LEAST_LANE, LANE),
      scroll: this.sheet.scroller.scrollTop,
      memory,
    };
  }

  private zoom(factor: number, x?: number): void {
    this.time.zoom(factor, x === undefined ? undefined : xTime(this.geometry(), this.time.range, x));
    this.sheet.ask();
  }

  /** Move in time by a share of the window. */
  private pan(share: number): void {
    this.time.pan(share * (this.time.range.to - this.time.range.from));
    this.sheet.ask();
  }

  private fit(): void {
    this.time.fit();
    this.sheet.ask();
  }

  private words(place: number): string[] {
    const { label, status, lane, start } = this.bars.columns;
    const { glyph, word } = STATUSES[status[place]];
    const end = this.bars.end(place, this.time.now);
    return [
      this.labels[label[place]] ?? '',
      `${glyph} ${word}, ${duration(end - start[place])}`,
      `${this.lanes[lane[place]] ?? `lane ${lane[place]}`}, from ${moment(start[place], 1000)}`,
    ];
  }

  private reveal(place: number): void {
    const { start, lane } = this.bars.columns;
    this.time.reveal(start[place], this.bars.end(place, this.time.now));
    const { pitch, top, memory, height, scroll } = this.geometry();
    const y = lane[place] * pitch;
    const room = height - top - memory;
    if (y < scroll) this.sheet.scroller.scrollTop = y;
    else if (y + pitch > scroll + room) this.sheet.scroller.scrollTop = y + pitch - room;
  }

  private find(x: number, y: number): number {
    const geometry = this.geometry();
    const lane = laneAt(geometry, y);
    if (lane < 0 || x < geometry.left) return -1;
    const slack =
      ((this.time.range.to - this.time.range.from) / (geometry.width - geometry.left)) * POINTER_SLACK;
    return barAt(this.bars, lane, xTime(geometry, this.time.range, x), slack, this.time.now);
  }

  private memoryTip(x: number): string[] {
    const reading = this.samples.nearest(xTime(this.geometry(), this.time.range, x));
    return reading ? [bytes(reading[1]), `at ${moment(reading[0], 1000)}`] : [];
  }

  private choose(place: number): void {
    if (place < 0) return;
    this.active = place;
    this.selected = this.bars.columns.quantum[place];
    this.shell.say(`Selected: ${this.words(place).join(', ')}`);
    this.sheet.ask();
    this.options.onSelect(this.selected);
  }

  /** Let the keyboard stand on another bar. */
  private go(place: number): void {
    if (place < 0) return;
    this.active = place;
    this.reveal(place);
    const geometry = this.geometry();
    const x = timeX(geometry, this.time.range, this.bars.columns.start[place]);
    const y = geometry.top + (this.bars.columns.lane[place] + 1) * geometry.pitch - geometry.scroll;
    this.resting.arrive(place, clamp(x, geometry.left, geometry.width), y - 8);
    this.sheet.ask();
  }

  private listen(): void {
    const { scroller, canvas } = this.sheet;
    listen(canvas, {
      pan: (dx, dy) => {
        const { width, left } = this.geometry();
        this.pan(-dx / (width - left));
        if (dy) scroller.scrollTop -= dy;
      },
      zoom: (factor, x) => {
        this.zoom(factor, x);
      },
      click: (x, y) => {
        scroller.focus({ preventScroll: true });
        this.choose(this.find(x, y));
      },
      hover: (x, y) => {
        const place = this.find(x, y);
        if (place >= 0) {
          this.resting.rest(place, x, y);
          canvas.style.cursor = 'pointer';
          return;
        }
        this.resting.leave();
        canvas.style.cursor = '';
        const { height, memory, left } = this.geometry();
        if (y > height - memory && x > left) this.shell.showTip(x, y - 40, this.memoryTip(x));
      },
      leave: () => {
        this.resting.leave();
      },
      focused: () => scroller === document.activeElement,
      hint: () => {
        if (scroller.scrollHeight <= scroller.clientHeight) this.shell.hint();
      },
    });
    scroller.addEventListener('keydown', event => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.press(event)) event.preventDefault();
    });
    scroller.addEventListener('focus', () => {
      this.sheet.ask();
    });
    scroller.addEventListener('blur', () => {
      this.resting.leave();
      this.sheet.ask();
    });
  }

  private press({ key, shiftKey }: KeyboardEvent): boolean {
    const horizontal = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
    const vertical = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
    if (horizontal && shiftKey) this.pan(horizontal * PAN_SHARE);
    else if (horizontal || vertical) {
      this.go(neighbour(this.bars, this.active, horizontal, vertical, this.time.now));
    } else if (key === 'Enter' || key === ' ') this.choose(this.active);
    else if (key === '+' || key === '=') this.zoom(ZOOM_STEP);
    else if (key === '-') this.zoom(1 / ZOOM_STEP);
    else if (key === '0') this.fit();
    else return false;
    return true;
  }
}
