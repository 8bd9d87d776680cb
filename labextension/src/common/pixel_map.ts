/** Parse a colour that a canvas wrote: "#rrggbb" or "rgba(r, g, b, a)". */
export function components(colour: string): [number, number, number] {
  if (colour.startsWith('#')) {
    const value = parseInt(colour.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const [r = 128, g = 128, b = 128] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

/** A picture of which each pixel becomes a large block: much quicker than as many rectangles. */
export class PixelMap {
  private readonly canvas = document.createElement('canvas');
  private data = new ImageData(1, 1);

  /** Begin anew, with nothing in it. */
  clear(width: number, height: number): void {
    if (this.data.width !== width || this.data.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.data = new ImageData(width, height);
    } else this.data.data.fill(0);
  }

  /** Colour some pixels of a line. */
  set(from: number, to: number, line: number, [r, g, b]: readonly number[], alpha: number): void {
    const { data, width } = this.data;
    const end = Math.min(to, width);
    for (let x = Math.max(0, from); x < end; x += 1) {
      const at = 4 * (line * width + x);
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
      data[at + 3] = alpha * 255;
    }
  }

  /** Draw it with blocks of a size. */
  draw(
    context: CanvasRenderingContext2D,
    x: number,
    y: number,
    blockWidth: number,
    blockHeight: number,
  ): void {
    const { width, height } = this.data;
    this.canvas.getContext('2d')?.putImageData(this.data, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, x, y, width * blockWidth, height * blockHeight);
  }
}
