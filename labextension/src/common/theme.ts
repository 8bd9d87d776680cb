import { STATUSES } from '../status_table';
import { components } from './pixel_map';

/** Colours for a canvas, as the theme at hand has them. */
export interface Palette {
  status: string[];
  /** The same as red, green and blue. */
  rgb: [number, number, number][];
  background: string;
  panel: string;
  text: string;
  muted: string;
  line: string;
  accent: string;
  font: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim() || '#888';
  const status = STATUSES.map(({ variable }) => colour(variable));
  return {
    status,
    rgb: status.map(components),
    background: colour('--jmpx-bg'),
    panel: colour('--jmpx-panel'),
    text: colour('--jmpx-text'),
    muted: colour('--jmpx-muted'),
    line: colour('--jmpx-line'),
    accent: colour('--jmpx-accent'),
    font: style.fontFamily,
  };
}

const ATTRIBUTES = [
  'data-jp-theme-light',
  'data-jp-theme-name',
  'data-vscode-theme-kind',
  'data-theme',
  'theme',
];

/** The style sheet of a theme may be there only after the page says that the theme has changed. */
const SETTLING = [100, 400, 1500];

/** Call back when the page changes between light and dark; returns the way to stop. */
export function onThemeChange(changed: () => void): () => void {
  let timers: number[] = [];
  const stopTimers = (): void => {
    timers.forEach(timer => {
      clearTimeout(timer);
    });
  };
  const begin = (): void => {
    changed();
    stopTimers();
    timers = SETTLING.map(delay => window.setTimeout(changed, delay));
  };
  const observer = new MutationObserver(begin);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  const preference = matchMedia('(prefers-color-scheme: dark)');
  preference.addEventListener('change', begin);
  return () => {
    stopTimers();
    observer.disconnect();
    preference.removeEventListener('change', begin);
  };
}

export function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
