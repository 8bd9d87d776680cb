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

/** Call back when the page changes between light and dark; returns the way to stop. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  const preference = matchMedia('(prefers-color-scheme: dark)');
  preference.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    preference.removeEventListener('change', changed);
  };
}

export function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
