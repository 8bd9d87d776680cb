import { STATUSES, type StatusName } from '../status_table';
import { bytes } from '../common/format';
import { PixelMap } from '../common/pixel_map';
import type { Palette } from '../common/theme';
import { peaks, spans } from './aggregate';
import type { Bars } from './bars';
import { moment, ticks, type TimeRange } from './time_range';

/** Everything that is painted, and where. */
export interface Picture {
  bars: Bars;
  lanes: readonly string[];
  labels: readonly string[];
  samples: Float64Array;
  sampleCount: number;
  critical: readonly number[];
  selected: number;
  active: number;
  focused: boolean;
  range: TimeRange;
  now: number;
  live: boolean;
}

export interface Geometry {
  width: number;
  height: number;
  /** Room for the names of lanes. */
  left: number;
  /** Room for the axis. */
  top: number;
  pitch: number;
  scroll: number;
  /** Height of the strip with the memory; 0 without. */
  memory: number;
}

/** What went well is painted softly, so that the rest is seen. */
const SOFT = new Set<StatusName>(['succeeded', 'no_work', 'skipped']);
const SOFT_SHARE = 0.34;
const THIN_SHARE = 0.6;
const LARGE_FROM = 10;
const SMALL = 11;
const TEXT_FROM = 15;

export function timeX(geometry: Geometry, range: TimeRange, time: number): number {
  return geometry.left + ((time - range.from) / (range.to - range.from)) * (geometry.width - geometry.left);
}

export function xTime(geometry: Geometry, range: TimeRange, x: number): number {
  return range.from + ((x - geometry.left) / (geometry.width - geometry.left)) * (range.to - range.from);
}

export function laneAt(geometry: Geometry, y: number): number {
  if (y < geometry.top || y > geometry.height - geometry.memory) return -1;
  return Math.floor((y - geometry.top + geometry.scroll) / geometry.pitch);
}

export function paint(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  context.clearRect(0, 0, geometry.width, geometry.height);
  context.textBaseline = 'middle';
  paintAxis(context, picture, geometry, palette);
  const bottom = geometry.height - geometry.memory;
  clipped(context, 0, geometry.top, geometry.width, bottom - geometry.top, () => {
    paintNames(context, picture, geometry, palette);
    clipped(context, geometry.left, 0, geometry.width - geometry.left, geometry.height, () => {
      paintLanes(context, picture, geometry, palette);
      paintPath(context, picture, geometry, palette);
      outline(context, picture, geometry, picture.selected, palette.text, 2);
      if (picture.focused) outline(context, picture, geometry, picture.active, palette.accent, 3);
    });
  });
  if (geometry.memory > 0) paintMemory(context, picture, geometry, palette);
  if (picture.live) paintEdge(context, picture, geometry, palette);
}

function clipped(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  draw();
  context.restore();
}

function paintAxis(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { range } = picture;
  context.font = `${SMALL}px ${palette.font}`;
  context.textAlign = 'center';
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticks(range, geometry.width - geometry.left)) {
    const x = Math.round(timeX(geometry, range, tick)) + 0.5;
    context.moveTo(x, geometry.top - 4);
    context.lineTo(x, geometry.height);
    context.fillStyle = palette.muted;
    const text = moment(tick, range.to - range.from);
    const half = context.measureText(text).width / 2;
    context.fillText(
      text,
      Math.min(Math.max(x, geometry.left + half - 4), geometry.width - half - 2),
      geometry.top - 13,
    );
  }
  context.stroke();
}

function paintNames(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  if (geometry.pitch < SMALL) return;
  context.font = `${SMALL}px ${palette.font}`;
  context.textAlign = 'right';
  context.fillStyle = palette.muted;
  picture.lanes.forEach((name, lane) => {
    const y = geometry.top + (lane + 0.5) * geometry.pitch - geometry.scroll;
    if (y > geometry.top - 10 && y < geometry.height)
      context.fillText(name, geometry.left - 8, y, geometry.left - 12);
  });
}

function paintLanes(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { pitch } = geometry;
  const count = Math.max(picture.lanes.length, picture.bars.laneCount);
  const first = Math.max(0, Math.floor(geometry.scroll / pitch));
  const last = Math.min(count - 1, Math.floor((geometry.scroll + geometry.height) / pitch));
  if (pitch < LARGE_FROM) {
    paintThinLanes(context, picture, geometry, palette, first, last);
    return;
  }
  context.textAlign = 'left';
  context.font = `${SMALL}px ${palette.font}`;
  for (let lane = first; lane <= last; lane += 1) paintLane(context, picture, geometry, palette, lane);
}

const pixels = new PixelMap();

/** Lanes without room for words: a picture with a line of pixels each, made as high as they are. */
function paintThinLanes(
  context: CanvasRenderingContext2D,
  { bars, range, now }: Picture,
  { left, width, top, scroll, pitch }: Geometry,
  palette: Palette,
  first: number,
  last: number,
): void {
  const y = top + first * pitch - scroll;
  const count = last - first + 1;
  if (count <= 0) return;
  context.fillStyle = palette.panel;
  context.fillRect(left, y, width - left, count * pitch);
  pixels.clear(Math.max(1, Math.ceil(width - left)), count);
  for (let lane = first; lane <= last; lane += 1) {
    for (const { from, to, status, cover } of spans(bars, lane, range, width - left, now)) {
      const share = SOFT.has(STATUSES[status].name) ? THIN_SHARE : 1;
      const begin = Math.floor(from);
      pixels.set(
        begin,
        Math.max(begin + 1, Math.round(to)),
        lane - first,
        palette.rgb[status],
        cover * share,
      );
    }
  }
  pixels.draw(context, left, y, 1, pitch);
  context.fillStyle = palette.background;
  const gap = pitch >= 5 ? 1.5 : 0.75;
  for (let line = 1; line <= count; line += 1)
    context.fillRect(left, y + line * pitch - gap, width - left, gap);
}

function paintLane(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
  lane: number,
): void {
  const { bars, range, now } = picture;
  const { pitch, left, width } = geometry;
  const height = pitch - 4;
  const y = geometry.top + lane * pitch - geometry.scroll + 2;
  context.fillStyle = palette.panel;
  context.fillRect(left, y, width - left, height);
  for (const span of spans(bars, lane, range, width - left, now)) {
    const gap = span.place >= 0 && span.to - span.from > 4 ? 1 : 0;
    const [x, w] = [left + span.from, span.to - span.from - gap];
    const soft = SOFT.has(STATUSES[span.status].name);
    context.fillStyle = palette.status[span.status];
    context.globalAlpha = span.cover * (!soft ? 1 : span.place >= 0 ? SOFT_SHARE : THIN_SHARE);
    if (w > 6) {
      context.beginPath();
      context.roundRect(x, y, w, height, 2.5);
      context.fill();
    } else context.fillRect(x, y, w, height);
    context.globalAlpha = 1;
    if (pitch < TEXT_FROM || w <= 14 || span.place < 0) continue;
    const label = picture.labels[bars.columns.label[span.place]] ?? '';
    // A bar that begins before the window is named at the edge.
    const inside = Math.max(x, left);
    const text = fitting(
      context,
      `${STATUSES[span.status].glyph} ${label}`,
      Math.min(x + w, width) - inside - 8,
    );
    if (!text) continue;
    context.fillStyle = soft ? palette.text : palette.background;
    context.fillText(text, inside + 4, y + height / 2 + 0.5);
  }
}

const CHARACTER = 6.2;

function fitting(context: CanvasRenderingContext2D, text: string, space: number): string {
  if (text.length * CHARACTER <= space || context.measureText(text).width <= space) return text;
  const characters = Math.floor(space / CHARACTER) - 1;
  if (characters < 5) return space >= 8 ? text.slice(0, 1) : '';
  return `${text.slice(0, characters)}…`;
}

/** A line under each bar of the critical path, and thin ones from bar to bar. */
function paintPath(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { bars, range, now } = picture;
  context.strokeStyle = palette.text;
  let before: [number, number] | null = null;
  for (const quantum of picture.critical) {
    const place = bars.of(quantum);
    if (place < 0) continue;
    const y = geometry.top + (bars.columns.lane[place] + 1) * geometry.pitch - geometry.scroll - 1;
    const from = timeX(geometry, range, bars.columns.start[place]);
    const to = timeX(geometry, range, bars.end(place, now));
    if (before) {
      context.lineWidth = 1;
      context.globalAlpha = 0.5;
      context.setLineDash([3, 2]);
      context.beginPath();
      context.moveTo(...before);
      context.lineTo(from, y);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    }
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(from, y);
    context.lineTo(Math.max(to, from + 1), y);
    context.stroke();
    before = [to, y];
  }
}

function outline(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  place: number,
  colour: string,
  width: number,
): void {
  if (place < 0) return;
  const { bars, range, now } = picture;
  const from = timeX(geometry, range, bars.columns.start[place]);
  const to = timeX(geometry, range, bars.end(place, now));
  const y = geometry.top + bars.columns.lane[place] * geometry.pitch - geometry.scroll;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(from - 1, y + 1, Math.max(3, to - from + 1), geometry.pitch - 2);
}

function paintMemory(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { left, width, height } = geometry;
  const strip = geometry.memory - 8;
  const values = peaks(picture.samples, picture.sampleCount, picture.range, width - left);
  let most = 0;
  for (let i = 0; i < picture.sampleCount; i += 1) most = Math.max(most, picture.samples[2 * i + 1]);
  const y = (value: number): number => height - 1 - (value / (most * 1.05 || 1)) * (strip - 8);
  context.font = `${SMALL}px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'right';
  context.fillText('memory', left - 8, height - strip + 6);
  context.fillText(most ? `≤ ${bytes(most)}` : '', left - 8, height - strip + 20, left - 12);
  clipped(context, left, height - strip, width - left, strip, () => {
    context.beginPath();
    let last = -1;
    values.forEach((value, x) => {
      if (Number.isNaN(value)) return;
      if (last < 0) context.moveTo(left + x, y(value));
      else context.lineTo(left + x, y(value));
      last = x;
    });
    if (last < 0) return;
    context.strokeStyle = palette.accent;
    context.lineWidth = 1.5;
    context.stroke();
    const first = values.findIndex(value => !Number.isNaN(value));
    context.lineTo(left + last, height);
    context.lineTo(left + first, height);
    context.closePath();
    context.fillStyle = palette.accent;
    context.globalAlpha = 0.14;
    context.fill();
    context.globalAlpha = 1;
  });
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, height - 0.5);
  context.lineTo(width, height - 0.5);
  context.stroke();
}

function paintEdge(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const x = timeX(geometry, picture.range, picture.now);
  if (x < geometry.left || x > geometry.width) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, geometry.top - 4);
  context.lineTo(x, geometry.height);
  context.stroke();
}
