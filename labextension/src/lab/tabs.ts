/** What opens in the main area; what draws it is loaded on demand. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { TabPanel, Widget } from '@lumino/widgets';
import type { Api } from './api';
import { runsIcon } from './icon';
import { loadPages } from './load_pages';
import { tabName } from './names';
import { hideEmptyToolbar } from './plain_tab';
import { pace, Poll } from './poll';
import type { RunActions } from './runs_list';
import type { TranslationBundle } from '@jupyterlab/translation';

/** What a tab shows: enough to open it again. */
export interface TabPlace {
  kind: 'run' | 'report';
  id: string;
  label: string;
}

/** Something that is drawn in a tab. */
interface Page {
  readonly node: HTMLElement;
  /** Bring it up to date; returns whether it goes on changing. */
  update(): Promise<boolean>;
  dispose(): void;
}

/** Opens runs and reports as tabs; what is open already is shown, and brought up to date. */
export class Tabs {
  readonly tracker = new WidgetTracker<Tab>({ namespace: 'mpexec-tabs' });
  refreshSeconds = 2;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly trans: TranslationBundle,
    private readonly isLab: boolean,
  ) {}

  open(place: TabPlace, actions: RunActions): void {
    const { shell } = this.app;
    const known = this.tracker.find(tab => tab.place.kind === place.kind && tab.place.id === place.id);
    const tab = known ?? this.make(place, actions);
    if (!known) {
      shell.add(tab, 'main');
      // Notebook 7 has room for one document there, and says nothing.
      if (!this.isLab && !tab.isAttached) this.putBelow(tab);
      void this.tracker.add(tab);
    }
    shell.activateById(tab.id);
    // Notebook 7 leaves it behind the one that is seen.
    const stack = tab.parent?.parent;
    if (stack instanceof TabPanel) stack.currentWidget = tab;
    tab.content.refresh();
  }

  /** Look now at all runs that are seen. */
  refresh(): void {
    this.tracker.forEach(tab => {
      if (tab.place.kind === 'run') tab.content.refresh();
    });
  }

  private putBelow(tab: Tab): void {
    // By itself that area opens no higher than the names of its tabs.
    tab.content.addClass('jmpl-below');
    this.app.shell.add(tab, 'down');
    if (tab.isAttached) return;
    tab.dispose();
    throw new Error(this.trans.__('There is no room for it on this page. Open it in JupyterLab.'));
  }

  private make(place: TabPlace, actions: RunActions): Tab {
    const { kind, id, label } = place;
    const draw = async (): Promise<Page> => {
      const { ReportPage, RunPage } = await loadPages();
      return kind === 'run'
        ? new RunPage(this.api, id, actions, this.trans)
        : new ReportPage(this.api, id, this.trans);
    };
    const content = new Content(draw, kind === 'run', goesOn => pace(goesOn, this.refreshSeconds));
    const tab = new Tab(place, content);
    hideEmptyToolbar(tab);
    tab.id = `jupyter-mpexec-${kind}-${id.replace(/\W+/g, '-')}`;
    tab.title.label = kind === 'run' ? tabName(label) : this.trans.__('Report: %1', tabName(label));
    tab.title.caption = `${label}\n${id}`;
    tab.title.icon = runsIcon;
    tab.title.closable = true;
    return tab;
  }
}

class Content extends Widget {
  private readonly poll: Poll;
  private page: Page | undefined;

  /** What `follows` is looked at again and again, the rest once, and when that is asked for. */
  constructor(
    draw: () => Promise<Page>,
    private readonly follows: boolean,
    next: (goesOn: boolean) => number,
  ) {
    super();
    this.poll = new Poll(
      async () => {
        this.page ??= await this.put(draw);
        if (this.isDisposed) return 0;
        const goesOn = await this.page.update();
        return follows ? next(goesOn) : 0;
      },
      () => this.isVisible,
    );
  }

  /** Look now, if it is seen. */
  refresh(): void {
    this.poll.wake();
  }

  override dispose(): void {
    this.poll.stop();
    this.page?.dispose();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.appear();
  }

  protected override onAfterShow(): void {
    this.appear();
  }

  private appear(): void {
    if (this.follows || !this.page) this.refresh();
  }

  private async put(draw: () => Promise<Page>): Promise<Page> {
    const page = await draw();
    if (this.isDisposed) page.dispose();
    else this.node.append(page.node);
    return page;
  }
}

class Tab extends MainAreaWidget<Content> {
  constructor(
    readonly place: TabPlace,
    content: Content,
  ) {
    super({ content });
  }
}
