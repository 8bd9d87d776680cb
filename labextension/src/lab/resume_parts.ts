/** How a list and a page show that a run is being resumed, or could not be. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { html } from '../common/dom';
import type { RunRow } from './api';
import { errorBox, wordButton } from './parts';
import type { Resuming } from './resuming';

/** The button; while it waits it says so. */
export function resumeButton(
  row: RunRow,
  resuming: Resuming,
  resume: (row: RunRow) => void,
  trans: TranslationBundle,
): HTMLButtonElement {
  const waiting = resuming.isWaiting(row.id);
  const made = wordButton(
    waiting ? trans.__('Resuming…') : trans.__('Resume'),
    waiting
      ? trans.__('A process is started, and the graph is read; this takes a few seconds')
      : trans.__('Go on with what is not done'),
    () => {
      resume(row);
    },
  );
  made.disabled = waiting;
  return made;
}

/** Errors that stay until they are dismissed. They are drawn only when they change, as they are read aloud. */
export class ResumeErrors {
  readonly node = html('div');
  readonly stop: () => void;
  private shown: unknown[] = [];

  /** Of all runs, or of one. */
  constructor(resuming: Resuming, trans: TranslationBundle, id?: string) {
    this.stop = resuming.follow(() => {
      const errors = resuming.errors(id);
      if (errors.length === this.shown.length && errors.every((each, n) => each === this.shown[n])) return;
      this.shown = errors;
      this.node.replaceChildren(
        ...errors.map(each => {
          const box = errorBox(each.error);
          const dismiss = wordButton('×', trans.__('Dismiss'), () => {
            resuming.dismiss(each.id);
          });
          dismiss.setAttribute('aria-label', trans.__('Dismiss'));
          box.prepend(
            html(
              'div',
              { class: 'jmpl-run-line' },
              html('span', {}, trans.__('%1 was not resumed', each.name)),
              dismiss,
            ),
          );
          return box;
        }),
      );
    });
  }
}
