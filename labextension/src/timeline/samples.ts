/** Memory readings: moments and sizes by turns, in the order of time. */
export class Samples {
  count = 0;
  values = new Float64Array(512);

  add(samples: Float64Array): void {
    const used = 2 * this.count;
    const needed = used + samples.length;
    if (needed > this.values.length) {
      const bigger = new Float64Array(Math.max(needed, this.values.length * 2));
      bigger.set(this.values);
      this.values = bigger;
    }
    this.values.set(samples, used);
    this.count += samples.length / 2;
  }

  clear(): void {
    this.count = 0;
  }

  /** Moment and size of the reading nearest to a time. */
  nearest(time: number): [number, number] | null {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < this.count; i += 1) {
      const distance = Math.abs(this.values[2 * i] - time);
      if (distance < least) [best, least] = [i, distance];
    }
    return best < 0 ? null : [this.values[2 * best], this.values[2 * best + 1]];
  }
}
