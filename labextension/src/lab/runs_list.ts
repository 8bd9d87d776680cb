import { html } from '../common/dom';
import type { RunList, RunRow } from './api';
import { bar, errorBox, stateBadge, wordButton } from './parts';
import { patch } from './patch';
import { ResumeErrors } from './resume_parts';
import type { Resuming } from './resuming';
import { press, runButtons } from './run_buttons';
import { ago, inOrder, progressText, shortId } from './run_words';
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

/** A name that goes on in the next line after a slash, if need be. */
function breakable(name: string): Node[] {
  return name.split(/(?<=\/)/).flatMap(part => [document.createTextNode(part), html('wbr')]);
}

/** The list of runs. It knows nothing of JupyterLab. */
export class RunsList {
  readonly node = html('div', { class: 'jmpx jmpl jmpl-runs' });
  private readonly body = html('div', { class: 'jmpl-list', role: 'list' });
  private readonly trouble = html('div');
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
    const errors = new ResumeErrors(actions.resuming, trans);
    actions.resuming.follow(() => {
      this.redraw();
    });
    this.node.append(this.trouble, errors.node, this.body);
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
    const rows = inOrder(list.runs);
    const parts = rows.slice(0, MOST).map(row => this.draw(row));
    if (rows.length > MOST) {
      parts.push(html('p', { class: 'jmpl-empty' }, trans.__('… %1 older ones', rows.length - MOST)));
    }
    if (!rows.length && list.now) {
      const hint = trans.__(
        'No runs yet. What you run with %pipetask or jupyter mpexec appears here, from any notebook or terminal.',
      );
      parts.push(html('p', { class: 'jmpl-empty' }, hint));
    }
    patch(this.body, parts);
  }

  private find(target: EventTarget | null): RunRow | undefined {
    const id = (target as Element | null)?.closest('.jmpl-run')?.getAttribute('data-key');
    return this.list.runs.find(row => row.id === id);
  }

  private click(target: EventTarget | null): void {
    const row = this.find(target);
    if (!row || press(target, row, this.actions) || !isHead(target)) return;
    if (!this.open.delete(row.id)) this.open.add(row.id);
    this.redraw();
  }

  private draw(row: RunRow): HTMLElement {
    const { trans } = this;
    const isOpen = this.open.has(row.id);
    const name = row.output || row.id;
    const head = html(
      'button',
      {
        type: 'button',
        class: 'jmpl-run-head',
        'aria-expanded': String(isOpen),
        title: row.id,
      },
      html(
        'span',
        { class: 'jmpl-run-line' },
        html('span', { class: 'jmpl-run-name' }, ...breakable(name)),
        stateBadge(row, trans),
      ),
      ...(row.total ? [bar(row.counts, trans)] : []),
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
    const place = `${shortId(row.id)} · ${row.repository}`;
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
