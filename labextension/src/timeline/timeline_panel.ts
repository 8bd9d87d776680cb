import { STATUSES } from '../status_table';
import { button, clamp, html } from '../shared/dom';
import { bytes, duration } from '../shared/format';
import { listen } from '../shared/gestures';
import { Legend } from '../shared/legend';
import { Sheet } from '../shared/sheet';
import { Shell } from '../shared/shell';
import { prefersStillness } from '../shared/theme';
import { barAt } from './aggregate';
import { Bars, type Columns } from './bars';
import { laneAt, paint, timeX, xTime, type Geometry } from './paint';
import { moment, pan, whole, zoom, type TimeRange } from './time_range';

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
  private samples = new Float64Array(512);
  private sampleCount = 0;
  private counts = STATUSES.map(() => 0);
  /** What Python said last, and when. */
  private said = 0;
  private saidAt = 0;
  private live = false;
  private range: TimeRange = whole(0);
  /** What the window does while time goes on: show all, keep to the right edge, or stay. */
  private follow: 'all' | 'edge' | 'stay' = 'all';
  private active = -1;
  private selected = -1;
  private tip: { place: number; x: number; y: number } | null = null;
  private restTimer = 0;
  private beat = 0;
  private visible = true;
  private readonly shell: Shell;
  private readonly sheet: Sheet;
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
      button('Fit', 'Show the whole run (0)', () => {
        this.fit();
      }),
    );
    this.sheet = new Sheet(
      this.shell.stage,
      `${options.label}: arrow keys move from bar to bar, Shift with arrows moves in time, Enter selects`,
      (context, palette) => {
        const { bars, lanes, labels, samples, sampleCount, critical, range, live } = this;
        paint(
          context,
          {
            ...{ bars, lanes, labels, samples, sampleCount, critical, range, live },
            now: this.now(),
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
    if (this.live && !live) this.said = this.now();
    this.live = live;
    this.saidAt = performance.now();
    this.tick();
  }

  /** Take all bars and readings anew. */
  reset(): void {
    this.bars.clear();
    this.counts.fill(0);
    this.sampleCount = 0;
    this.active = -1;
    this.said = 0;
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
    const first = this.sampleCount === 0;
    const needed = 2 * this.sampleCount + samples.length;
    if (needed > this.samples.length) {
      const bigger = new Float64Array(Math.max(needed, this.samples.length * 2));
      bigger.set(this.samples);
      this.samples = bigger;
    }
    this.samples.set(samples, 2 * this.sampleCount);
    this.sampleCount += samples.length / 2;
    if (first) this.layOut();
    this.sheet.ask();
  }

  /** Tell what time it is: seconds since the run started. */
  setNow(seconds: number): void {
    this.said = seconds;
    this.saidAt = performance.now();
    this.keepUp();
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
    if (!this.tip || this.bars.columns.quantum[this.tip.place] !== quantum) return;
    const words = [...this.words(this.tip.place), ...text.split('\n')];
    this.shell.showTip(this.tip.x, this.tip.y, words);
    this.shell.say(words.join(', '));
  }

  setHeight(height: number): void {
    this.options.height = height;
    this.layOut();
  }

  dispose(): void {
    clearTimeout(this.restTimer);
    clearTimeout(this.beat);
    this.watcher.disconnect();
    this.sheet.dispose();
    this.shell.remove();
  }

  private now(): number {
    return this.live ? this.said + (performance.now() - this.saidAt) / 1000 : this.said;
  }

  /** Let the window follow time, if it should. */
  private keepUp(): void {
    const now = this.now();
    if (this.follow === 'all') this.range = whole(now);
    else if (this.follow === 'edge') {
      const span = this.range.to - this.range.from;
      const to = now + span * 0.02;
      this.range = { from: Math.max(0, to - span), to: Math.max(to, span) };
    }
  }

  private tick(): void {
    clearTimeout(this.beat);
    if (!this.live || !this.visible) return;
    if (!document.hidden) {
      this.keepUp();
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
    const memory = this.sampleCount > 0 ? MEMORY : 0;
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

  private move(range: TimeRange): void {
    const now = this.now();
    this.range = range;
    const all = whole(now);
    this.follow =
      range.from <= 0 && range.to >= all.to * 0.999 ? 'all' : this.live && range.to >= now ? 'edge' : 'stay';
    this.sheet.ask();
  }

  private zoom(factor: number, x?: number): void {
    const middle = (this.range.from + this.range.to) / 2;
    const at = x === undefined ? middle : xTime(this.geometry(), this.range, x);
    this.move(zoom(this.range, factor, at, this.now()));
  }

  private fit(): void {
    this.follow = 'all';
    this.keepUp();
    this.sheet.ask();
  }

  private words(place: number): string[] {
    const { label, status, lane, start } = this.bars.columns;
    const { glyph, word } = STATUSES[status[place]];
    const end = this.bars.end(place, this.now());
    return [
      this.labels[label[place]] ?? '',
      `${glyph} ${word}, ${duration(end - start[place])}`,
      `${this.lanes[lane[place]] ?? `lane ${lane[place]}`}, from ${moment(start[place], 1000)}`,
    ];
  }

  private rest(place: number, x: number, y: number): void {
    const same = this.tip?.place === place;
    this.tip = { place, x, y };
    if (same) return;
    this.shell.showTip(x, y, this.words(place));
    clearTimeout(this.restTimer);
    this.restTimer = window.setTimeout(() => {
      this.options.onRest(this.bars.columns.quantum[place]);
    }, 250);
  }

  private leave(): void {
    clearTimeout(this.restTimer);
    this.tip = null;
    this.shell.hideTip();
    this.sheet.canvas.style.cursor = '';
  }

  private reveal(place: number): void {
    const { range } = this;
    const { start, lane } = this.bars.columns;
    const end = this.bars.end(place, this.now());
    if (start[place] < range.from || end > range.to) {
      const middle = (start[place] + end) / 2;
      this.move(pan(range, middle - (range.from + range.to) / 2, this.now()));
    }
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
    const slack = ((this.range.to - this.range.from) / (geometry.width - geometry.left)) * POINTER_SLACK;
    return barAt(this.bars, lane, xTime(geometry, this.range, x), slack, this.now());
  }

  private memoryTip(x: number): string[] {
    const time = xTime(this.geometry(), this.range, x);
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < this.sampleCount; i += 1) {
      const distance = Math.abs(this.samples[2 * i] - time);
      if (distance < least) [best, least] = [i, distance];
    }
    return best < 0 ? [] : [bytes(this.samples[2 * best + 1]), `at ${moment(this.samples[2 * best], 1000)}`];
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
    const x = timeX(geometry, this.range, this.bars.columns.start[place]);
    const y = geometry.top + (this.bars.columns.lane[place] + 1) * geometry.pitch - geometry.scroll;
    this.leave();
    this.rest(place, clamp(x, geometry.left, geometry.width), y - 8);
    this.shell.say(this.words(place).join(', '));
    this.sheet.ask();
  }

  private listen(): void {
    const { scroller, canvas } = this.sheet;
    listen(canvas, {
      pan: (dx, dy) => {
        const { width, left } = this.geometry();
        this.move(pan(this.range, (-dx / (width - left)) * (this.range.to - this.range.from), this.now()));
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
          this.rest(place, x, y);
          canvas.style.cursor = 'pointer';
          return;
        }
        this.leave();
        const { height, memory, left } = this.geometry();
        if (y > height - memory && x > left) this.shell.showTip(x, y - 40, this.memoryTip(x));
      },
      leave: () => {
        this.leave();
      },
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
      this.leave();
      this.sheet.ask();
    });
  }

  private press({ key, shiftKey }: KeyboardEvent): boolean {
    const horizontal = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
    const vertical = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
    if (horizontal && shiftKey) {
      this.move(pan(this.range, horizontal * PAN_SHARE * (this.range.to - this.range.from), this.now()));
    } else if (horizontal || vertical) this.go(this.neighbour(horizontal, vertical));
    else if (key === 'Enter' || key === ' ') this.choose(this.active);
    else if (key === '+' || key === '=') this.zoom(ZOOM_STEP);
    else if (key === '-') this.zoom(1 / ZOOM_STEP);
    else if (key === '0') this.fit();
    else return false;
    return true;
  }

  private neighbour(horizontal: number, vertical: number): number {
    const { bars, active } = this;
    if (active < 0) return bars.count > 0 ? 0 : -1;
    const lane = bars.columns.lane[active];
    if (horizontal) {
      const places = bars.lane(lane);
      return places[places.indexOf(active) + horizontal] ?? active;
    }
    const time = (bars.columns.start[active] + bars.end(active, this.now())) / 2;
    for (let other = lane + vertical; other >= 0 && other < bars.laneCount; other += vertical) {
      const found = barAt(bars, other, time, Infinity, this.now());
      if (found >= 0) return found;
    }
    return active;
  }
}
