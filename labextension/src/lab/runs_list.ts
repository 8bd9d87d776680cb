import { html } from '../common/dom';
import { number } from '../common/format';
import type { RunList, RunRow } from './api';
import { breakable, shortened } from './names';
import { bar, errorBox, stateBadge, wordButton } from './parts';
import { patch } from './patch';
import { ResumeErrors } from './resume_parts';
import type { Resuming } from './resuming';
import { RowKeys } from './row_keys';
import { press, runButtons } from './run_buttons';
import { ago, inOrder, isMeant, progressText, shortId } from './run_words';
import type { TranslationBundle } from '@jupyterlab/translation';

export interface RunActions {
  readonly resuming: Resuming;
  /** Why there is nothing to attach a run to; empty if there is. */
  whyNoAttach(): string;
  open(run: RunRow): void;
  report(run: RunRow): void;
  attach(run: RunRow): void;
  stop(run: RunRow): void;
  resume(run: RunRow): void;
  remove(run: RunRow): void;
  start(): void;
  refresh(): void;
}

const MOST = 100;

/** With fewer runs than this there is nothing to search. */
const FEW = 6;

/** The list of runs. It knows nothing of JupyterLab. */
export class RunsList {
  readonly node = html('div', { class: 'jmpx jmpl jmpl-runs' });
  private readonly body = html('div', { class: 'jmpl-list', role: 'list' });
  private readonly trouble = html('div');
  private readonly where = html('input', {
    type: 'search',
    class: 'jmpl-input jmpl-wide',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  private readonly count = html('span', { class: 'jmpl-muted', role: 'status' });
  private readonly filter = html('div', { class: 'jmpl-filter', role: 'search' }, this.where, this.count);
  private readonly keys: RowKeys;
  private open = new Set<string>();
  private list: RunList = { now: 0, runs: [] };

  constructor(
    private readonly actions: RunActions,
    private readonly trans: TranslationBundle,
  ) {
    this.body.setAttribute('aria-label', trans.__('Runs'));
    this.body.addEventListener('click', ({ target }) => {
      this.click(target);
    });
    this.keys = new RowKeys(this.body, {
      isOpen: id => this.open.has(id),
      toggle: id => {
        this.toggle(id);
      },
      remove: id => {
        const row = this.list.runs.find(each => each.id === id);
        if (row && !row.is_alive) actions.remove(row);
      },
    });
    this.body.addEventListener('dblclick', ({ target }) => {
      const row = this.find(target);
      if (row && isHead(target)) actions.open(row);
    });
    const start = wordButton(
      trans.__('Run pipeline…'),
      trans.__('Fill in a form and put its command into a notebook'),
      () => {
        actions.start();
      },
    );
    const again = wordButton('↻', trans.__('Look again'), () => {
      actions.refresh();
    });
    again.setAttribute('aria-label', trans.__('Look again'));
    this.node.append(html('div', { class: 'jmpl-head' }, start, html('span', { class: 'jmpl-gap' }), again));
    this.where.setAttribute('aria-label', trans.__('Filter runs'));
    this.where.placeholder = trans.__('Filter: name, state, …');
    this.where.addEventListener('input', () => {
      this.redraw();
    });
    this.where.addEventListener('keydown', event => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.keys.enter();
    });
    const errors = new ResumeErrors(actions.resuming, trans);
    actions.resuming.follow(() => {
      this.redraw();
    });
    const troubles = html('div', { class: 'jmpl-troubles' }, this.trouble, errors.node);
    this.node.append(this.filter, troubles, this.body);
    this.show(this.list);
  }

  /** Draw it once more: something besides the runs has changed. */
  redraw(): void {
    this.show(this.list);
  }

  fail(error: unknown): void {
    patch(this.trouble, [errorBox(error)]);
  }

  show(list: RunList): void {
    const { trans } = this;
    this.list = list;
    patch(this.trouble, []);
    const { value } = this.where;
    const rows = inOrder(list.runs).filter(row => isMeant(row, value, trans));
    this.filter.hidden = list.runs.length < FEW && !value;
    const count = value ? trans.__('%1 of %2', number(rows.length), number(list.runs.length)) : '';
    if (this.count.textContent !== count) this.count.textContent = count;
    const parts = rows.slice(0, MOST).map(row => this.draw(row));
    const say = (text: string): void => {
      parts.push(html('p', { class: 'jmpl-empty' }, text));
    };
    if (rows.length > MOST) say(trans.__('… %1 older ones', number(rows.length - MOST)));
    if (!list.runs.length && list.now) {
      say(
        trans.__(
          'No runs yet. What you run with %pipetask or jupyter mpexec appears here, from any notebook or terminal.',
        ),
      );
    } else if (!rows.length && value) say(trans.__('No run has all these words.'));
    this.keys.change(() => {
      patch(this.body, parts);
    });
  }

  private find(target: EventTarget | null): RunRow | undefined {
    const id = (target as Element | null)?.closest('.jmpl-run')?.getAttribute('data-key');
    return this.list.runs.find(row => row.id === id);
  }

  private click(target: EventTarget | null): void {
    const row = this.find(target);
    if (!row || press(target, row, this.actions) || !isHead(target)) return;
    this.toggle(row.id);
  }

  private toggle(id: string): void {
    if (!this.open.delete(id)) this.open.add(id);
    this.redraw();
  }

  private draw(row: RunRow): HTMLElement {
    const { trans } = this;
    const isOpen = this.open.has(row.id);
    const name = row.output || row.id;
    // An identifier has no place to break at.
    const fit = row.output ? '' : ' jmpl-cut';
    const head = html(
      'button',
      {
        type: 'button',
        class: 'jmpl-run-head',
        'aria-expanded': String(isOpen),
        title: [row.output, row.id, row.repository].filter(Boolean).join('\n'),
      },
      html(
        'span',
        { class: 'jmpl-run-title' },
        stateBadge(row, trans),
        html('span', { class: `jmpl-run-name${fit}` }, ...breakable(isOpen ? name : shortened(name))),
      ),
      ...(row.total ? [bar(row.counts, trans, row.is_alive)] : []),
      html(
        'span',
        { class: 'jmpl-run-line jmpl-muted' },
        html('span', { title: progressText(row, trans) }, progressText(row, trans, 1)),
        html('span', { class: 'jmpl-age' }, ago(row.started_at, this.list.now, trans)),
      ),
    );
    const item = html('div', { class: 'jmpl-run', role: 'listitem', 'data-key': row.id }, head);
    if (isOpen) item.append(this.more(row));
    return item;
  }

  private more(row: RunRow): HTMLElement {
    const place = [shortId(row.id), row.repository].filter(Boolean).join(' · ');
    return html(
      'div',
      { class: 'jmpl-run-more' },
      html('div', { class: 'jmpl-muted jmpl-cut', title: row.id }, place),
      runButtons(row, this.actions, this.trans, 'list'),
    );
  }
}

function isHead(target: EventTarget | null): boolean {
  return Boolean((target as Element | null)?.closest('.jmpl-run-head'));
}
