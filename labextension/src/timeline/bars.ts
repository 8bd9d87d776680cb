/** What a message says of some bars, one array a field. */
export interface Columns {
  quantum: Uint32Array;
  lane: Uint32Array;
  label: Uint32Array;
  start: Float64Array;
  /** Not a number while it runs. */
  end: Float64Array;
  status: Uint8Array;
}

const FIRST_ROOM = 256;

/** All bars, found by lane and time. */
export class Bars {
  count = 0;
  private data = room(FIRST_ROOM);
  /** Places of the bars of each lane, by start. */
  private lanes: number[][] = [];
  private last = new Map<number, number>();

  get columns(): Columns {
    return this.data;
  }

  /** Write bars at their places; one that is there is overwritten. */
  put(places: ArrayLike<number>, columns: Columns): void {
    for (let i = 0; i < places.length; i += 1) {
      const place = places[i];
      this.grow(place + 1);
      const fresh = place >= this.count;
      for (const name of NAMES) this.data[name][place] = columns[name][i];
      if (!fresh) continue;
      this.count = place + 1;
      this.enlist(place);
    }
  }

  clear(): void {
    this.count = 0;
    this.lanes = [];
    this.last.clear();
  }

  /** Places of the bars of a lane, by start. */
  lane(index: number): readonly number[] {
    return this.lanes[index] ?? [];
  }

  get laneCount(): number {
    return this.lanes.length;
  }

  /** The last bar of a quantum, or -1. */
  of(quantum: number): number {
    return this.last.get(quantum) ?? -1;
  }

  /** When a bar ends; while it runs, that is now. */
  end(place: number, now: number): number {
    const end = this.data.end[place];
    return Number.isNaN(end) ? Math.max(now, this.data.start[place]) : end;
  }

  /** Rank in its lane of the first bar that is not over at a time. Bars of a lane follow each other. */
  from(lane: number, time: number, now: number): number {
    const places = this.lane(lane);
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.end(places[middle], now) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private enlist(place: number): void {
    const { lane, start, quantum } = this.data;
    const places = (this.lanes[lane[place]] ??= []);
    let rank = places.length;
    // They come nearly in order, so looking from the end is quick.
    while (rank > 0 && start[places[rank - 1]] > start[place]) rank -= 1;
    places.splice(rank, 0, place);
    this.last.set(quantum[place], place);
  }

  private grow(needed: number): void {
    if (needed <= this.data.quantum.length) return;
    const bigger = room(Math.max(needed, this.data.quantum.length * 2));
    for (const name of NAMES) bigger[name].set(this.data[name]);
    this.data = bigger;
  }
}

const NAMES = ['quantum', 'lane', 'label', 'start', 'end', 'status'] as const;

function room(size: number): Columns {
  return {
    quantum: new Uint32Array(size),
    lane: new Uint32Array(size),
    label: new Uint32Array(size),
    start: new Float64Array(size),
    end: new Float64Array(size),
    status: new Uint8Array(size),
  };
}
