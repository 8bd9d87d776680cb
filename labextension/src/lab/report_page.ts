import type { TranslationBundle } from '@jupyterlab/translation';
import { html } from '../common/dom';
import { onThemeChange } from '../common/theme';
import type { Api } from './api';
import { errorBox } from './parts';

/** The report of a run in a tab. */
export class ReportPage {
  readonly node = html('div', { class: 'jmpl-report' });
  private readonly frame: HTMLIFrameElement;
  private readonly unfollow: () => void;
  private text = '';

  constructor(
    private readonly api: Pick<Api, 'report'>,
    private readonly id: string,
    trans: TranslationBundle,
  ) {
    // It comes from a file: nothing in it may run.
    this.frame = html('iframe', { class: 'jmpl-frame', sandbox: '', title: trans.__('Report') });
    this.unfollow = onThemeChange(() => {
      this.draw();
    });
  }

  /** Ask for it as it is now; it does not change by itself. */
  async update(): Promise<boolean> {
    try {
      this.text = (await this.api.report(this.id)).html;
      this.draw();
      // It would be loaded again by being put in its place again.
      if (!this.node.contains(this.frame)) this.node.replaceChildren(this.frame);
    } catch (error) {
      this.node.replaceChildren(html('div', { class: 'jmpx jmpl jmpl-page' }, errorBox(error)));
    }
    return false;
  }

  dispose(): void {
    this.unfollow();
  }

  private draw(): void {
    const theme = document.body.dataset.jpThemeLight === 'false' ? 'dark' : 'light';
    const page = this.text.replace('<html>', `<html data-theme="${theme}">`);
    // The reader would be back at its beginning.
    if (this.frame.srcdoc !== page) this.frame.srcdoc = page;
  }
}
