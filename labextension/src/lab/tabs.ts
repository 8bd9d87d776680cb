/** What opens in the main area; what draws it is loaded on demand. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { html } from '../common/dom';
import type { Api } from './api';
import { runsIcon } from './icon';
import { loadPages } from './load_pages';
import { errorBox } from './parts';
import { Poll } from './poll';
import { shortId } from './run_words';
import type { RunActions } from './runs_list';
import type { TranslationBundle } from '@jupyterlab/translation';

const LIVE = 1;

/** Opens runs and reports as tabs; what is open already is only shown. */
export class Tabs {
  private readonly open = new Map<string, MainAreaWidget>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly trans: TranslationBundle,
  ) {}

  async run(id: string, name: string, actions: RunActions): Promise<void> {
    const content = this.show(`run-${id}`, name || shortId(id), id);
    if (!content) return;
    const { RunPage } = await loadPages();
    const page = new RunPage(this.api, id, actions, this.trans);
    content.node.append(page.node);
    const poll = new Poll(
      async () => ((await page.update()) ? LIVE : 4),
      () => content.isVisible,
    );
    content.wake = poll.wake;
    content.disposed.connect(() => {
      poll.stop();
      page.dispose();
    });
    poll.wake();
  }

  async report(id: string, name: string): Promise<void> {
    const content = this.show(`report-${id}`, this.trans.__('Report: %1', name || shortId(id)), id);
    if (!content) return;
    try {
      const { html: text } = await this.api.report(id);
      // It comes from a file: nothing in it may run.
      const theme = document.body.dataset.jpThemeLight === 'false' ? 'dark' : 'light';
      const srcdoc = text.replace('<html>', `<html data-theme="${theme}">`);
      const frame = html('iframe', {
        class: 'jmpl-frame',
        sandbox: '',
        title: this.trans.__('Report'),
        srcdoc,
      });
      content.node.append(frame);
    } catch (error) {
      content.node.append(html('div', { class: 'jmpx jmpl jmpl-page' }, errorBox(error)));
    }
  }

  private show(key: string, label: string, caption: string): Content | undefined {
    const known = this.open.get(key);
    if (known && !known.isDisposed) {
      this.app.shell.activateById(known.id);
      return undefined;
    }
    const content = new Content();
    const tab = new MainAreaWidget({ content });
    tab.id = `jupyter-mpexec-${key.replace(/\W+/g, '-')}`;
    tab.title.label = label;
    tab.title.caption = caption;
    tab.title.icon = runsIcon;
    tab.title.closable = true;
    this.open.set(key, tab);
    tab.disposed.connect(() => this.open.delete(key));
    this.app.shell.add(tab, 'main');
    this.app.shell.activateById(tab.id);
    return content;
  }
}

class Content extends Widget {
  wake: () => void = () => undefined;

  protected override onAfterShow(): void {
    this.wake();
  }
}
