import type { Shell } from './shell';

const PATIENCE = 250;

/** The tooltip of what pointer or keyboard rest on: named at once, and told more of a little later. */
export class Resting {
  private on: { index: number; x: number; y: number } | null = null;
  private timer = 0;

  constructor(
    private readonly shell: Shell,
    private readonly words: (index: number) => string[],
    private readonly ask: (index: number) => void,
  ) {}

  rest(index: number, x: number, y: number): void {
    const same = this.on?.index === index;
    this.on = { index, x, y };
    if (same) return;
    this.shell.showTip(x, y, this.words(index));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.ask(index);
    }, PATIENCE);
  }

  /** Rest on something because of the keyboard: it is also said. */
  arrive(index: number, x: number, y: number): void {
    this.leave();
    this.rest(index, x, y);
    this.shell.say(this.words(index).join(', '));
  }

  /** More is known; it is shown if this still is what is rested on. */
  describe(index: number, text: string): void {
    if (this.on?.index !== index || !text) return;
    const words = [...this.words(index), ...text.split('\n')];
    this.shell.showTip(this.on.x, this.on.y, words);
    this.shell.say(words.join(', '));
  }

  leave(): void {
    clearTimeout(this.timer);
    this.on = null;
    this.shell.hideTip();
  }
}
