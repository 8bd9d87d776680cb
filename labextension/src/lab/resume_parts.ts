/** How a list and a page show that a run could not be resumed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { html } from '../common/dom';
import { errorBox, wordButton } from './parts';
import type { Resuming } from './resuming';

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
