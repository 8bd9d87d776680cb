import { pan, whole, zoom, type TimeRange } from './time_range';

/** Room after the right edge, as a share of the window. */
const AHEAD = 0.02;

/** The part of time that is shown, and how it follows the clock. */
export class TimeWindow {
  range: TimeRange = whole(0);
  /** What to do while time goes on: show all, keep to the right edge, or stay. */
  private follow: 'all' | 'edge' | 'stay' = 'all';
  /** What Python said last, and when by the browser's clock. */
  private said = 0;
  private saidAt = 0;
  private running = false;

  constructor(private readonly clock: () => number = () => performance.now() / 1000) {}

  get live(): boolean {
    return this.running;
  }

  set live(live: boolean) {
    this.said = this.now;
    this.saidAt = this.clock();
    this.running = live;
  }

  /** Seconds since the run started; between two messages, the browser's clock counts. */
  get now(): number {
    return this.running ? this.said + this.clock() - this.saidAt : this.said;
  }

  set now(seconds: number) {
    this.said = seconds;
    this.saidAt = this.clock();
    this.keepUp();
  }

  /** Follow the clock. */
  keepUp(): void {
    const { now } = this;
    if (this.follow === 'all') this.range = whole(now);
    else if (this.follow === 'edge') {
      const span = this.range.to - this.range.from;
      const to = Math.max(now + span * AHEAD, span);
      this.range = { from: to - span, to };
    }
  }

  zoom(factor: number, moment = (this.range.from + this.range.to) / 2): void {
    this.move(zoom(this.range, factor, moment, this.now));
  }

  pan(seconds: number): void {
    this.move(pan(this.range, seconds, this.now));
  }

  /** Show the whole run. */
  fit(): void {
    this.follow = 'all';
    this.keepUp();
  }

  /** Move as little as needed so that a span is in sight. */
  reveal(from: number, to: number): void {
    if (from < this.range.from || to > this.range.to) {
      this.pan((from + to) / 2 - (this.range.from + this.range.to) / 2);
    }
  }

  private move(range: TimeRange): void {
    const { now } = this;
    this.range = range;
    const all = range.from <= 0 && range.to >= whole(now).to * 0.999;
    this.follow = all ? 'all' : this.live && range.to >= now ? 'edge' : 'stay';
  }
}
