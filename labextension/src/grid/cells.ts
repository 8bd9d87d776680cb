/** The cells of a grid, sorted by row and then by column, so that what is on the screen is found at once. */
export class Cells {
  readonly count: number;
  /** Indices of cells, row by row. */
  private readonly order: Uint32Array;
  /** Where each row begins in `order`; one more at the end. */
  private readonly begins: Uint32Array;

  constructor(
    readonly columns: number,
    readonly rows: number,
    private readonly across: Uint32Array,
    private readonly down: Uint32Array,
  ) {
    this.count = across.length;
    this.order = Uint32Array.from({ length: this.count }, (_, index) => index);
    this.order.sort((a, b) => down[a] - down[b] || across[a] - across[b] || a - b);
    this.begins = new Uint32Array(rows + 1);
    for (const row of down) this.begins[row + 1] += 1;
    for (let row = 0; row < rows; row += 1) this.begins[row + 1] += this.begins[row];
  }

  /** Lay cells out one after the other in as many lines as they need. */
  static flowing(count: number, perLine: number): Cells {
    const across = Uint32Array.from({ length: count }, (_, index) => index % perLine);
    const down = Uint32Array.from({ length: count }, (_, index) => Math.floor(index / perLine));
    return new Cells(Math.min(perLine, count), Math.ceil(count / perLine), across, down);
  }

  column(index: number): number {
    return this.across[index];
  }

  row(index: number): number {
    return this.down[index];
  }

  /** The cell at a place, or -1. */
  at(column: number, row: number): number {
    if (row < 0 || row >= this.rows) return -1;
    const place = this.search(row, column);
    if (place >= this.begins[row + 1]) return -1;
    const index = this.order[place];
    return this.across[index] === column ? index : -1;
  }

  /** Visit the cells of a rectangle; the last column and row are included. */
  visit(
    columns: readonly [number, number],
    rows: readonly [number, number],
    each: (index: number, column: number, row: number) => void,
  ): void {
    const last = Math.min(rows[1], this.rows - 1);
    for (let row = Math.max(0, rows[0]); row <= last; row += 1) {
      const end = this.begins[row + 1];
      for (let place = this.search(row, columns[0]); place < end; place += 1) {
        const index = this.order[place];
        if (this.across[index] > columns[1]) break;
        each(index, this.across[index], row);
      }
    }
  }

  /** The next cell from one, in reading order or, with whole rows, in the same or the nearest column. */
  next(index: number, dx: number, dy: number): number {
    if (this.count === 0) return -1;
    if (index < 0) return this.order[0];
    const row = this.down[index];
    if (dx !== 0) {
      const place = this.search(row, this.across[index]) + dx;
      return place >= this.begins[row] && place < this.begins[row + 1] ? this.order[place] : index;
    }
    for (let other = row + dy; other >= 0 && other < this.rows; other += dy) {
      const [begin, end] = [this.begins[other], this.begins[other + 1]];
      if (begin === end) continue;
      const wanted = this.across[index];
      const place = Math.min(this.search(other, wanted), end - 1);
      const before = Math.max(begin, place - 1);
      const far = (at: number): number => Math.abs(this.across[this.order[at]] - wanted);
      return this.order[far(before) <= far(place) ? before : place];
    }
    return index;
  }

  /** First and last cell of a cell's row. */
  ends(index: number): [number, number] {
    const row = this.down[index];
    return [this.order[this.begins[row]], this.order[this.begins[row + 1] - 1]];
  }

  /** The next cell after one, round and round in reading order, that fulfils a condition; or -1. */
  seek(index: number, wanted: (index: number) => boolean): number {
    const start = index < 0 ? -1 : this.search(this.down[index], this.across[index]);
    for (let step = 1; step <= this.count; step += 1) {
      const candidate = this.order[(start + step) % this.count];
      if (wanted(candidate)) return candidate;
    }
    return -1;
  }

  /** First place in `order` within a row whose column is not smaller. */
  private search(row: number, column: number): number {
    let [low, high] = [this.begins[row], this.begins[row + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.across[this.order[middle]] < column) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
