import { Widget } from '@lumino/widgets';
import type { Api } from './api';
import { runsIcon } from './icon';
import { Poll } from './poll';
import { RunsList, type RunActions } from './runs_list';
import type { TranslationBundle } from '@jupyterlab/translation';

const REST = 6;

/** The list of runs at the side; it looks while it is seen, and needs no kernel. */
export class RunsSidebar extends Widget {
  readonly list: RunsList;
  refreshSeconds = 2;
  private readonly poll: Poll;

  constructor(api: Api, actions: RunActions, trans: TranslationBundle) {
    super();
    this.id = 'jupyter-mpexec-runs';
    this.title.icon = runsIcon;
    this.title.caption = trans.__('Pipeline runs');
    this.list = new RunsList(actions, trans);
    this.node.append(this.list.node);
    this.poll = new Poll(
      async () => {
        try {
          const found = await api.runs();
          this.list.show(found);
          return found.runs.some(run => run.is_alive)
            ? this.refreshSeconds
            : Math.max(REST, this.refreshSeconds);
        } catch (error) {
          this.list.fail(error);
          return REST;
        }
      },
      () => this.isVisible,
    );
  }

  /** Look now. */
  refresh(): void {
    this.poll.wake();
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
}
