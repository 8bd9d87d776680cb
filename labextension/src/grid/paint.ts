import { STATUSES, WORST_FIRST, type StatusName } from '../status_table';
import { PixelMap } from '../common/pixel_map';
import type { Palette } from '../common/theme';
import type { Cells } from './cells';
import { inSight, labelStep, LEAST_CELL, type Geometry } from './geometry';

export interface Picture {
  cells: Cells;
  statuses: Uint8Array;
  columns: readonly string[];
  rows: readonly string[];
  columnAxis: string;
  rowAxis: string;
  selected: number;
  active: number;
  /** Whether the keyboard is here. */
  focused: boolean;
}

const GLYPHS_FROM = 13;
const SHAPES_FROM = 6;
const LABEL_SIZE = 11;
const RING_ROOM = 4;

/** What went well is soft, what needs attention solid, what waits hollow. */
const LOOKS: Record<StatusName, 'faint' | 'hollow' | 'soft' | 'solid'> = {
  pending: 'faint',
  running: 'solid',
  succeeded: 'soft',
  no_work: 'soft',
  skipped: 'soft',
  failed: 'solid',
  blocked: 'hollow',
  cancelled: 'solid',
  held: 'solid',
};

const name = (code: number): StatusName => STATUSES[code].name;

/** Paint what is in sight. */
export function paint(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { width, height, left, top } = geometry;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(left, top, width - left, height - top);
  context.clip();
  paintCells(context, picture, geometry, palette);
  context.restore();
  context.save();
  // Rings are around their cells: those of the first row and column reach out.
  context.beginPath();
  context.rect(left - RING_ROOM, top - RING_ROOM, width - left + RING_ROOM, height - top + RING_ROOM);
  context.clip();
  ring(context, picture, geometry, picture.selected, palette.text, 2);
  if (picture.focused || picture.active !== picture.selected) {
    ring(context, picture, geometry, picture.active, palette.accent, picture.focused ? 3 : 1.5);
  }
  context.restore();
  paintNames(context, picture, geometry, palette);
}

function paintCells(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const [columns, rows] = inSight(geometry, picture.cells);
  // Before the first layout there is no pitch, and nothing in sight.
  if (!(columns[1] >= columns[0] && rows[1] >= rows[0])) return;
  if (geometry.pitch < LEAST_CELL) {
    paintDots(context, picture, geometry, palette, columns, rows);
    return;
  }
  // One state at a time: changing the colour is what costs.
  const places: number[][] = STATUSES.map(() => []);
  const small = geometry.pitch < GLYPHS_FROM;
  if (small) blocks.clear(columns[1] - columns[0] + 1, rows[1] - rows[0] + 1);
  picture.cells.visit(columns, rows, (index, column, row) => {
    const code = picture.statuses[index];
    if (small) {
      const x = column - columns[0];
      blocks.set(x, x + 1, row - rows[0], palette.rgb[code], SMALL_ALPHA[LOOKS[name(code)]]);
      if (geometry.pitch < SHAPES_FROM || !MARKED.has(name(code))) return;
    }
    places[code].push(
      geometry.left + column * geometry.pitch - geometry.scrollX,
      geometry.top + row * geometry.pitch - geometry.scrollY,
    );
  });
  const size = geometry.pitch - gapOf(geometry.pitch);
  if (small) {
    paintBlocks(context, geometry, palette, columns, rows);
    places.forEach((points, code) => {
      paintMarks(context, code, points, size, palette);
    });
  } else {
    context.font = `${Math.min(14, Math.round(geometry.pitch * 0.62))}px ${palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    places.forEach((points, code) => {
      paintTiles(context, code, points, size, palette);
    });
  }
}

/** Cells that are smaller than can be told apart: where some share a pixel, the worst is seen. */
function paintDots(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { pitch, left, top, scrollX, scrollY }: Geometry,
  palette: Palette,
  columns: readonly [number, number],
  rows: readonly [number, number],
): void {
  const [x, y] = [Math.floor(columns[0] * pitch), Math.floor(rows[0] * pitch)];
  const width = Math.ceil((columns[1] + 1) * pitch) - x;
  const height = Math.ceil((rows[1] + 1) * pitch) - y;
  const ranks = new Uint8Array(width * height).fill(STATUSES.length);
  blocks.clear(width, height);
  picture.cells.visit(columns, rows, (index, column, row) => {
    const code = picture.statuses[index];
    const rank = WORST_FIRST.indexOf(code);
    const [from, to] = [Math.floor(column * pitch) - x, Math.ceil((column + 1) * pitch) - x];
    for (let line = Math.floor(row * pitch) - y; line < (row + 1) * pitch - y; line += 1) {
      for (let dot = from; dot < to; dot += 1) {
        if (ranks[line * width + dot] <= rank) continue;
        ranks[line * width + dot] = rank;
        blocks.set(dot, dot + 1, line, palette.rgb[code], SMALL_ALPHA[LOOKS[name(code)]]);
      }
    }
  });
  blocks.draw(context, left + x - scrollX, top + y - scrollY, 1, 1);
}

function gapOf(pitch: number): number {
  return pitch >= 12 ? 2 : pitch >= 4 ? 1 : 0;
}

const blocks = new PixelMap();
const SMALL_ALPHA = { faint: 0.2, hollow: 0.4, soft: 0.5, solid: 1 };

/** Small cells: a picture with a pixel a cell, enlarged, and the gaps over it. */
function paintBlocks(
  context: CanvasRenderingContext2D,
  geometry: Geometry,
  palette: Palette,
  columns: readonly [number, number],
  rows: readonly [number, number],
): void {
  const { pitch } = geometry;
  const x = geometry.left + columns[0] * pitch - geometry.scrollX;
  const y = geometry.top + rows[0] * pitch - geometry.scrollY;
  blocks.draw(context, x, y, pitch, pitch);
  if (gapOf(pitch) === 0) return;
  const [across, down] = [columns[1] - columns[0] + 1, rows[1] - rows[0] + 1];
  context.fillStyle = palette.background;
  for (let column = 1; column <= across; column += 1) {
    context.fillRect(x + column * pitch - 1, y, 1, down * pitch);
  }
  for (let row = 1; row <= down; row += 1) context.fillRect(x, y + row * pitch - 1, across * pitch, 1);
}

/** Cells that are large enough for a glyph. */
function paintTiles(
  context: CanvasRenderingContext2D,
  code: number,
  points: readonly number[],
  size: number,
  palette: Palette,
): void {
  const look = LOOKS[name(code)];
  const outlined = look === 'faint' || look === 'hollow';
  const inset = outlined ? 0.5 : 0;
  context.fillStyle = context.strokeStyle = palette.status[code];
  context.lineWidth = 1;
  context.globalAlpha = look === 'faint' ? 0.45 : look === 'soft' ? 0.2 : 1;
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.roundRect(points[i] + inset, points[i + 1] + inset, size - 2 * inset, size - 2 * inset, 3);
    if (outlined) context.stroke();
    else context.fill();
  }
  context.globalAlpha = 1;
  if (look === 'faint') return;
  if (look === 'solid') context.fillStyle = palette.background;
  for (let i = 0; i < points.length; i += 2) {
    context.fillText(STATUSES[code].glyph, points[i] + size / 2, points[i + 1] + size / 2 + 0.5);
  }
}

const MARKED = new Set<StatusName>([
  'running',
  'no_work',
  'skipped',
  'failed',
  'blocked',
  'cancelled',
  'held',
]);

/** Shapes on cells that are too small for a glyph: a cross on what failed, a hole in what runs. */
function paintMarks(
  context: CanvasRenderingContext2D,
  code: number,
  points: readonly number[],
  size: number,
  palette: Palette,
): void {
  if (points.length === 0) return;
  const status = name(code);
  const inner = Math.max(2, Math.round(size / 3));
  const edge = (size - inner) / 2;
  const own = LOOKS[status] === 'solid' ? palette.background : palette.status[code];
  context.fillStyle = context.strokeStyle = own;
  context.lineWidth = 1.25;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    if (status === 'running') context.fillRect(x + edge, y + edge, inner, inner);
    else if (status === 'no_work') context.fillRect(x + 1, y + edge, size - 2, inner);
    else if (status === 'skipped') context.fillRect(x + edge, y + 1, inner, size - 2);
    if (status === 'failed' || status === 'cancelled') {
      context.moveTo(x + 1, y + 1);
      context.lineTo(x + size - 1, y + size - 1);
    }
    if (status === 'failed' || status === 'blocked') {
      context.moveTo(x + size - 1, y + 1);
      context.lineTo(x + 1, y + size - 1);
    }
  }
  context.stroke();
}

function ring(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  index: number,
  colour: string,
  width: number,
): void {
  if (index < 0) return;
  const { pitch } = geometry;
  const gap = gapOf(pitch);
  const x = geometry.left + picture.cells.column(index) * pitch - geometry.scrollX;
  const y = geometry.top + picture.cells.row(index) * pitch - geometry.scrollY;
  const room = width / 2 + (pitch < SHAPES_FROM ? 2 : 0);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(x - room, y - room, pitch - gap + 2 * room, pitch - gap + 2 * room);
}

function paintNames(
  context: CanvasRenderingContext2D,
  picture: Picture,
  geometry: Geometry,
  palette: Palette,
): void {
  const { pitch, left, top, scrollX, scrollY } = geometry;
  const [[c0, c1], [r0, r1]] = inSight(geometry, picture.cells);
  context.font = `${LABEL_SIZE}px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.textBaseline = 'middle';
  if (picture.rows.length > 0) {
    const step = labelStep(pitch, LABEL_SIZE + 3);
    context.textAlign = 'right';
    for (let row = Math.ceil(r0 / step) * step; row <= r1; row += step) {
      const y = top + (row + 0.5) * pitch - scrollY;
      if (y > top + 4) context.fillText(picture.rows[row], left - 8, y, left - 12);
    }
  }
  if (picture.columns.length > 0) {
    const widest = Math.max(...sample(picture.columns).map(text => context.measureText(text).width));
    const step = labelStep(pitch, widest + 10);
    context.textAlign = 'center';
    for (let column = Math.ceil(c0 / step) * step; column <= c1; column += step) {
      const x = left + (column + 0.5) * pitch - scrollX;
      if (x > left) context.fillText(picture.columns[column], x, top - 10);
    }
  }
  context.fillStyle = palette.text;
  context.font = `600 ${LABEL_SIZE}px ${palette.font}`;
  if (picture.columns.length > 0) {
    context.textAlign = 'left';
    context.fillText(`${picture.columnAxis} →`, left, top - 26);
  }
  if (picture.rows.length > 0) {
    // Beside the name of the columns: below it, the name of the first column may reach to the left.
    context.textAlign = 'right';
    context.fillText(`${picture.rowAxis} ↓`, left - 12, top - 26, left - 14);
  }
}

/** A few of many texts, for measuring: the first, the last and some between. */
export function sample(texts: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(texts.length / 50));
  return [...texts.filter((_, index) => index % step === 0), ...texts.slice(-1)];
}
