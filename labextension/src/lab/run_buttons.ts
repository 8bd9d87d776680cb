/** The buttons of a run, in the list and in its tab. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { html } from '../common/dom';
import type { RunRow } from './api';
import type { RunActions } from './runs_list';

type Act = 'open' | 'attach' | 'report' | 'stop' | 'resume' | 'remove';

/** They only say what they do: they are patched, and whoever is around them hears the clicks (`press`). */
export function runButtons(
  row: RunRow,
  actions: RunActions,
  trans: TranslationBundle,
  where: 'list' | 'tab',
): HTMLElement {
  const buttons: HTMLElement[] = [];
  const add = (act: Act, word: string, hint: string, disabled = false): void => {
    const attributes = { type: 'button', class: 'jmpl-button', title: hint, 'data-key': act, disabled };
    buttons.push(html('button', attributes, word));
  };
  const why = actions.whyNoAttach();
  const waiting = actions.resuming.isWaiting(row.id);
  if (where === 'list') add('open', trans.__('Open'), trans.__('Follow it in a tab'));
  add('attach', trans.__('Attach'), why || trans.__('Show its panel in the current notebook'), Boolean(why));
  add('report', trans.__('Report'), trans.__('Its report as a page'));
  if (row.is_alive) {
    add('stop', trans.__('Stop'), trans.__('Stop it; what has finished is kept'));
  } else if (row.can_resume) {
    const hint = waiting
      ? trans.__('A process is started, and the graph is read; this takes a few seconds')
      : trans.__('Go on with what is not done');
    add('resume', waiting ? trans.__('Resuming…') : trans.__('Resume'), hint, waiting);
  }
  if (where === 'list' && !row.is_alive) {
    const hint = trans.__('Remove what is kept of it; its results stay in the repository (key: Delete)');
    add('remove', trans.__('Delete…'), hint);
  }
  return html('div', { class: 'jmpl-buttons' }, ...buttons);
}

/** Do what a button says that was clicked; returns whether it was one of these. */
export function press(target: EventTarget | null, row: RunRow, actions: RunActions): boolean {
  const act = (target as Element | null)?.closest('.jmpl-buttons > button')?.getAttribute('data-key');
  if (act) actions[act as Act](row);
  return Boolean(act);
}
