/** A span of time, in seconds since the run started. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const LEAST_SPAN = 0.002;

/** Zoom so that one moment stays where it is; nothing before the start or long after the end is shown. */
export function zoom(range: TimeRange, factor: number, moment: number, end: number): TimeRange {
  const span = range.to - range.from;
  const wanted = Math.max(LEAST_SPAN, Math.min(span / factor, whole(end).to));
  const share = (moment - range.from) / span;
  return within({ from: moment - share * wanted, to: moment + (1 - share) * wanted }, end);
}

export function pan(range: TimeRange, seconds: number, end: number): TimeRange {
  return within({ from: range.from + seconds, to: range.to + seconds }, end);
}

/** Everything, with a little room after the end. */
export function whole(end: number): TimeRange {
  return { from: 0, to: Math.max(end * 1.02, 0.1) };
}

function within(range: TimeRange, end: number): TimeRange {
  const all = whole(end);
  const span = range.to - range.from;
  const from = Math.max(0, Math.min(range.from, all.to - span));
  return { from, to: from + span };
}

const UNITS = [1, 2, 5];
const CLOCK_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];

/** Round moments for the axis, so many pixels apart at least. */
export function ticks(range: TimeRange, width: number, apart = 90): number[] {
  const least = ((range.to - range.from) / width) * apart;
  const step =
    least <= 30 ? decimal(least) : (CLOCK_STEPS.find(s => s >= least) ?? Math.ceil(least / 604800) * 604800);
  const result: number[] = [];
  for (let i = Math.max(0, Math.ceil(range.from / step - 1e-9)); i * step <= range.to; i += 1)
    result.push(i * step);
  return result;
}

function decimal(least: number): number {
  if (least > 20) return 30;
  if (least > 10) return 20;
  const power = 10 ** Math.floor(Math.log10(least));
  return (UNITS.find(unit => unit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** Write a moment on the axis: "1:05:00", "2:30", "12 s", "0.35 s". */
export function moment(seconds: number, span: number): string {
  if (span < 10) {
    const digits = Math.max(0, Math.min(4, Math.ceil(1 - Math.log10(span))));
    return `${seconds.toFixed(digits)} s`;
  }
  const whole = Math.round(seconds);
  if (span < 90 && whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours || span >= 3600 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
