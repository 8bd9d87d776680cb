/** What is seen in the place of a file that was open, and cannot be opened again. */
import { MainAreaWidget } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { html } from '../common/dom';
import { runsIcon } from './icon';
import { errorBox, wordButton } from './parts';
import { hideEmptyToolbar } from './plain_tab';

/**
 * Make a tab that says why.
 *
 * @param look rejects as long as the file is not there
 * @param open opens it, after this tab has been closed
 */
export function lostFileTab(
  path: string,
  reason: unknown,
  look: () => Promise<unknown>,
  open: () => Promise<unknown>,
  trans: TranslationBundle,
): MainAreaWidget {
  const name = path.split('/').at(-1)!;
  const content = new Widget();
  const tab = new MainAreaWidget({ content });
  hideEmptyToolbar(tab);
  tab.title.label = name;
  tab.title.caption = path;
  tab.title.icon = runsIcon;
  tab.title.closable = true;
  const trouble = html('div');
  const say = (error: unknown): void => {
    trouble.replaceChildren(errorBox(isMissing(error) ? missing(path, trans) : error));
  };
  say(reason);
  const button = wordButton(trans.__('Try again'), trans.__('Look whether the file is there now'), () => {
    button.disabled = true;
    look()
      .then(() => {
        // Both have the same name in the layout.
        tab.dispose();
        return open();
      })
      .catch((error: unknown) => {
        say(error);
        button.disabled = false;
      });
  });
  content.node.append(
    html(
      'div',
      { class: 'jmpx jmpl jmpl-page' },
      html('div', { class: 'jmpl-title' }, html('h2', {}, name)),
      trouble,
      button,
    ),
  );
  return tab;
}

function isMissing(error: unknown): boolean {
  return error instanceof ServerConnection.ResponseError && error.response.status === 404;
}

function missing(path: string, trans: TranslationBundle): Error {
  const hint = trans.__('It has been renamed, moved or deleted since it was open here.');
  return Object.assign(new Error(trans.__('The file %1 is gone.', path)), { hint });
}
