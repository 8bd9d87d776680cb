import { html } from '../common/dom';
import type { RunList, RunRow } from './api';
import { bar, errorBox, stateBadge, wordButton } from './parts';
import { ResumeErrors, resumeButton } from './resume_parts';
import type { Resuming } from './resuming';
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
    this.trouble.replaceChildren(errorBox(error));
  }

  show(list: RunList): void {
    const { trans } = this;
    this.list = list;
    this.trouble.replaceChildren();
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.getAttribute('data-key');
    const rows = inOrder(list.runs);
    this.body.replaceChildren(...rows.slice(0, MOST).map(row => this.draw(row)));
    if (rows.length > MOST) {
      this.body.append(html('p', { class: 'jmpl-empty' }, trans.__('… %1 older ones', rows.length - MOST)));
    }
    if (!rows.length && list.now) {
      this.body.append(
        html(
          'p',
          { class: 'jmpl-empty' },
          trans.__(
            'No runs yet. What you run with %pipetask or jupyter mpexec appears here, from any notebook or terminal.',
          ),
        ),
      );
    }
    if (key) this.body.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
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
        'data-key': row.id,
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
    head.addEventListener('click', () => {
      if (isOpen) this.open.delete(row.id);
      else this.open.add(row.id);
      this.show(this.list);
    });
    head.addEventListener('dblclick', () => {
      this.actions.open(row);
    });
    const item = html('div', { class: 'jmpl-run', role: 'listitem', 'data-run': row.id }, head);
    if (isOpen) item.append(this.buttons(row));
    return item;
  }

  private buttons(row: RunRow): HTMLElement {
    const { trans } = this;
    const { actions } = this;
    const make = (word: string, hint: string, act: (run: RunRow) => void): HTMLButtonElement => {
      const made = wordButton(word, hint, () => {
        act(row);
      });
      made.setAttribute('data-key', `${row.id} ${word}`);
      return made;
    };
    const attach = make(trans.__('Attach'), trans.__('Show its panel in the current notebook'), run => {
      actions.attach(run);
    });
    const why = actions.whyNoAttach();
    attach.disabled = Boolean(why);
    if (why) attach.title = why;
    const shown = [
      make(trans.__('Open'), trans.__('Follow it in a tab'), run => {
        actions.open(run);
      }),
      attach,
      make(trans.__('Report'), trans.__('Its report as a page'), run => {
        actions.report(run);
      }),
    ];
    if (row.is_alive) {
      shown.push(
        make(trans.__('Stop'), trans.__('Stop it; what has finished is kept'), run => {
          actions.stop(run);
        }),
      );
    } else {
      if (row.can_resume) {
        const resume = resumeButton(
          row,
          actions.resuming,
          run => {
            actions.resume(run);
          },
          trans,
        );
        resume.setAttribute('data-key', `${row.id}:resume`);
        shown.push(resume);
      }
      shown.push(
        make(
          trans.__('Delete…'),
          trans.__('Remove what is kept of it; its results stay in the repository'),
          run => {
            actions.remove(run);
          },
        ),
      );
    }
    return html(
      'div',
      { class: 'jmpl-run-more' },
      html('div', { class: 'jmpl-muted jmpl-cut', title: row.id }, `${shortId(row.id)} · ${row.repository}`),
      html('div', { class: 'jmpl-buttons' }, ...shown),
    );
  }
}
