import { READING_ORDER, STATUSES } from '../status_table';
import { html } from './dom';
import { number, plural } from './format';

/** States that occur, with glyph, word and number. */
export class Legend {
  readonly element = html('ul', { class: 'jmpv-legend', 'aria-label': 'Status' });
  private written = '';

  /** Show how many there are of each state, by code. */
  show(counts: ArrayLike<number>): void {
    const present = READING_ORDER.filter(code => counts[code]);
    const text = present.map(code => `${code}:${counts[code]}`).join();
    if (text === this.written) return;
    this.written = text;
    this.element.replaceChildren(
      ...present.map(code => {
        const { glyph, word, css } = STATUSES[code];
        return html(
          'li',
          { class: css },
          html('span', { class: 'jmpv-glyph', 'aria-hidden': 'true' }, glyph),
          html('b', {}, number(counts[code])),
          ` ${word}`,
        );
      }),
    );
  }

  /** Show only how many there are. */
  showTotal(total: number): void {
    this.element.replaceChildren(...(total ? [html('li', {}, plural(total, 'quantum', 'quanta'))] : []));
  }
}
