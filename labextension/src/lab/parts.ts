/** Small parts that several views are made of. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { html } from '../common/dom';
import type { Counts } from '../graph/scene';
import type { ApiError, RunRow } from './api';
import { shares, stateWord } from './run_words';

export function stateBadge({ look }: RunRow, trans: TranslationBundle): HTMLElement {
  return html('span', { class: `jmpl-state ${look.css}` }, `${look.glyph} ${stateWord(look.word, trans)}`);
}

export function bar(counts: Counts, trans: TranslationBundle, isAlive: boolean): HTMLElement {
  const parts = shares(counts, trans, isAlive);
  const element = html('div', {
    class: 'jmpl-bar',
    role: 'img',
    'aria-label': parts.map(part => part.word).join(', ') || trans.__('nothing yet'),
    title: parts.map(part => part.word).join(', '),
  });
  for (const { css, percent } of parts) {
    const piece = html('span', { class: css });
    piece.style.width = `${String(percent)}%`;
    element.append(piece);
  }
  return element;
}

/** A button with words on it. */
export function wordButton(word: string, hint: string, click: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', class: 'jmpl-button', title: hint }, word);
  element.addEventListener('click', event => {
    event.stopPropagation();
    click();
  });
  return element;
}

/** A command that breaks between its words only: "--" at the end of a line would be no option. */
export function commandLine(command: string): Node[] {
  return command
    .split(/(\s+)/)
    .map(word => (word.trim() ? html('span', { class: 'jmpl-word' }, word) : document.createTextNode(word)));
}

export function errorBox(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const hint = (error as Partial<ApiError>).hint ?? '';
  return html(
    'div',
    { class: 'jmpl-error', role: 'alert' },
    html('strong', {}, message),
    ...(hint ? [html('div', {}, hint)] : []),
  );
}

export function facts(rows: readonly (readonly [string, string])[]): HTMLElement {
  const list = html('dl', { class: 'jmpl-facts' });
  for (const [name, value] of rows) list.append(html('dt', {}, name), html('dd', { title: value }, value));
  return list;
}

export function table(
  heads: readonly string[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLTableElement {
  return html(
    'table',
    { class: 'jmpl-table' },
    html('thead', {}, html('tr', {}, ...heads.map(head => html('th', { scope: 'col' }, head)))),
    html('tbody', {}, ...rows.map(row => html('tr', {}, ...row.map(cell => html('td', {}, cell))))),
  );
}
