import { html } from './dom';

/** The frame that all views have: a bar with tools above a stage, and words for people who do not see it. */
export class Shell {
  readonly root: HTMLElement;
  readonly tools = html('div', { class: 'jmpv-tools', role: 'toolbar' });
  readonly stage = html('div', { class: 'jmpv-stage' });
  readonly footer = html('div', { class: 'jmpv-footer' });
  private readonly tip = html('div', { class: 'jmpv-tip', 'aria-hidden': 'true' });
  private readonly speech = html('div', { class: 'jmpv-speech', 'aria-live': 'polite' });
  private readonly hintBox = html('div', { class: 'jmpv-hint', 'aria-hidden': 'true' });
  private hintTimer = 0;

  constructor(host: HTMLElement, kind: string, label: string) {
    // JupyterLab would take the keys that are ours (0, plus, arrows) for its own commands.
    this.root = html('div', {
      role: 'group',
      class: `jmpx jmpv jmpv-${kind}`,
      'aria-label': label,
      'data-lm-suppress-shortcuts': 'true',
    });
    this.tools.setAttribute('aria-label', `Tools: ${label}`);
    const frame = html('div', { class: 'jmpv-frame' }, this.stage, this.hintBox, this.tip);
    this.root.append(this.tools, frame, this.footer, this.speech);
    host.append(this.root);
  }

  /** Show a tooltip beside a point of the stage. */
  showTip(x: number, y: number, lines: readonly string[]): void {
    this.tip.replaceChildren(
      ...lines.map((line, index) => html('div', index === 0 ? { class: 'jmpv-tip-title' } : {}, line)),
    );
    this.tip.classList.add('jmpv-on');
    const [width, height] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const frame = this.tip.parentElement!;
    const left = x + 14 + width > frame.clientWidth ? x - 14 - width : x + 14;
    // It may reach below the frame, but not out of the view: notebooks would cut it off, or scroll.
    const lowest = this.root.clientHeight - frame.offsetTop - height - 2;
    const above = y - 10 - height;
    const top = y + 14 <= lowest ? y + 14 : above >= 2 ? above : Math.max(2 - frame.offsetTop, lowest);
    this.tip.style.transform = `translate(${Math.max(2, left)}px,${top}px)`;
  }

  hideTip(): void {
    this.tip.classList.remove('jmpv-on');
  }

  /** Say something to a screen reader. */
  say(text: string): void {
    this.speech.textContent = text;
  }

  /** Say for a moment how one zooms. */
  hint(): void {
    const mac = navigator.userAgent.includes('Mac');
    this.hintBox.textContent = `${mac ? '⌘' : 'Ctrl'} + wheel zooms, or click first`;
    this.hintBox.classList.add('jmpv-on');
    clearTimeout(this.hintTimer);
    this.hintTimer = window.setTimeout(() => {
      this.hintBox.classList.remove('jmpv-on');
    }, 1400);
  }

  /** Scroll the page as far as needed, once what was just shown has its size. */
  comeIntoSight(): void {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.root.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
      }),
    );
  }

  remove(): void {
    clearTimeout(this.hintTimer);
    this.root.remove();
  }
}
