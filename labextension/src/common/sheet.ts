import { eachFrame, html, set } from './dom';
import { onThemeChange, readPalette, type Palette } from './theme';

/**
 * A canvas of the size of its window, within something larger that scrolls.
 *
 * It paints again when it is asked to, scrolled or resized, and when the theme changes.
 */
export class Sheet {
  readonly scroller: HTMLElement;
  readonly canvas = html('canvas');
  palette: Palette | null = null;
  private readonly extent = html('div', { class: 'jmpv-extent' });
  private readonly frame;
  private readonly resized;
  private readonly stopTheme;

  constructor(
    stage: HTMLElement,
    label: string,
    private readonly paint: (context: CanvasRenderingContext2D, palette: Palette) => void,
    relayout: () => void,
  ) {
    // What the canvas shows cannot be read; the live region tells what the keyboard stands on.
    this.scroller = html('div', {
      class: 'jmpv-scroller',
      tabindex: 0,
      role: 'application',
      'aria-label': label,
    });
    set(this.canvas, { 'aria-hidden': 'true' });
    this.extent.append(this.canvas);
    this.scroller.append(this.extent);
    stage.append(this.scroller);
    this.frame = eachFrame(() => {
      this.draw();
    });
    this.scroller.addEventListener('scroll', this.frame.ask);
    this.resized = new ResizeObserver(() => {
      relayout();
      this.frame.ask();
    });
    this.resized.observe(this.scroller);
    this.stopTheme = onThemeChange(() => {
      this.palette = null;
      this.frame.ask();
    });
  }

  get width(): number {
    return this.scroller.clientWidth;
  }

  get height(): number {
    return this.scroller.clientHeight;
  }

  /** Say how large everything is. */
  setExtent(width: number, height: number): void {
    this.extent.style.width = `${Math.ceil(width)}px`;
    this.extent.style.height = `${Math.ceil(height)}px`;
  }

  ask(): void {
    this.frame.ask();
  }

  dispose(): void {
    this.frame.stop();
    this.resized.disconnect();
    this.stopTheme();
  }

  private draw(): void {
    const { canvas, width, height } = this;
    if (width === 0 || height === 0) return;
    const density = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext('2d');
    if (!context) return;
    context.setTransform(density, 0, 0, density, 0, 0);
    this.palette ??= readPalette(canvas);
    this.paint(context, this.palette);
  }
}
