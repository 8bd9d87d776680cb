import { Widget } from '@lumino/widgets';
import type { Api } from './api';
import { runsIcon } from './icon';
import { loadPages } from './load_pages';
import { pace, Poll } from './poll';
import type { RunActions, RunsList } from './runs_list';
import type { TranslationBundle } from '@jupyterlab/translation';

/** The list of runs at the side; it looks while it is seen, and needs no kernel. */
export class RunsSidebar extends Widget {
  private list: RunsList | undefined;
  refreshSeconds = 2;
  private readonly poll: Poll;

  constructor(
    api: Api,
    private readonly actions: RunActions,
    private readonly trans: TranslationBundle,
  ) {
    super();
    this.id = 'jupyter-mpexec-runs';
    this.title.icon = runsIcon;
    this.title.caption = trans.__('Pipeline runs');
    this.poll = new Poll(
      async () => {
        const list = (this.list ??= await this.draw());
        try {
          const found = await api.runs();
          list.show(found);
          const goesOn = found.runs.some(run => run.is_alive);
          return pace(goesOn, this.refreshSeconds);
        } catch (error) {
          list.fail(error);
          return pace(false, this.refreshSeconds);
        }
      },
      () => this.isVisible,
    );
  }

  /** Look now. */
  refresh(): void {
    this.poll.wake();
  }

  /** Draw it once more: something besides the runs has changed. */
  redraw(): void {
    this.list?.redraw();
  }

  override dispose(): void {
    this.poll.stop();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.refresh();
  }

  protected override onAfterAttach(): void {
    this.refresh();
  }

  private async draw(): Promise<RunsList> {
    const { RunsList } = await loadPages();
    const list = new RunsList(this.actions, this.trans);
    this.node.append(list.node);
    return list;
  }
}
