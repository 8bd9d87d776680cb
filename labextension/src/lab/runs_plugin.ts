/** The list of runs, what can be done with them, and the commands for it. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Api, ApiError, type RunRow } from './api';
import { runsIcon } from './icon';
import { loadPages } from './load_pages';
import { openNewNotebook } from './new_notebook';
import { insertCell, runCell } from './notebook_cells';
import { Resuming } from './resuming';
import { shortId } from './run_words';
import type { RunActions } from './runs_list';
import { RunsSidebar } from './runs_sidebar';
import { type TabPlace, Tabs } from './tabs';
import type { TranslationBundle } from '@jupyterlab/translation';

export const PLUGIN = 'jupyter-mpexec:plugin';
const SHOW = 'mpexec:show-runs';
const START = 'mpexec:run-pipeline';
const DEBUG = 'mpexec:debug-quantum';
const OPEN = 'mpexec:open-tab';

interface Settings {
  confirmStop: boolean;
}

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null,
  palette: ICommandPalette | null,
  launcher: ILauncher | null,
  restorer: ILayoutRestorer | null,
  registry: ISettingRegistry | null,
  translator: ITranslator | null,
  browsers: IFileBrowserFactory | null,
  lab: ILabShell | null,
): void {
  const trans = (translator ?? nullTranslator).load('jupyter_mpexec');
  const api = new Api(app.serviceManager.serverSettings, trans);
  const tabs = new Tabs(app, api, trans, Boolean(lab));
  const settings: Settings = { confirmStop: true };
  const folder = (): string => browsers?.tracker.currentWidget?.model.path ?? '';
  const actions = runActions(app, api, tabs, notebooks, settings, trans, folder, () => {
    sidebar.refresh();
    tabs.refresh();
  });
  const sidebar = new RunsSidebar(api, actions, trans);
  app.shell.add(sidebar, 'left', { rank: 550 });
  restorer?.add(sidebar, sidebar.id);

  const follow = (): void => {
    sidebar.redraw();
  };
  notebooks?.currentChanged.connect(follow);

  addCommands(app, actions, sidebar, notebooks, trans);
  app.commands.addCommand(OPEN, {
    label: trans.__('Open run'),
    // Restoring waits for it: what is seen asks for its run later.
    execute: place => {
      tabs.open(place as unknown as TabPlace, actions);
    },
  });
  void restorer?.restore(tabs.tracker, {
    command: OPEN,
    args: tab => ({ ...tab.place }),
    name: tab => tab.id,
  });
  for (const command of [SHOW, START, DEBUG])
    palette?.addItem({ command, category: trans.__('LSST pipelines') });
  launcher?.add({ command: START, category: trans.__('LSST pipelines'), rank: 1 });
  launcher?.add({ command: SHOW, category: trans.__('LSST pipelines'), rank: 2 });

  // Nothing waits for settings.
  void registry
    ?.load(PLUGIN)
    .then(loaded => {
      const apply = (): void => {
        sidebar.refreshSeconds = tabs.refreshSeconds = loaded.get('refreshSeconds').composite as number;
        settings.confirmStop = loaded.get('confirmStop').composite as boolean;
      };
      apply();
      loaded.changed.connect(apply);
    })
    .catch(() => undefined);
}

function addCommands(
  app: JupyterFrontEnd,
  actions: RunActions,
  sidebar: RunsSidebar,
  notebooks: INotebookTracker | null,
  trans: TranslationBundle,
): void {
  app.commands.addCommand(SHOW, {
    label: trans.__('Show runs'),
    caption: trans.__('All your pipeline runs, from any notebook or terminal'),
    icon: runsIcon,
    execute: () => {
      app.shell.activateById(sidebar.id);
    },
  });
  app.commands.addCommand(START, {
    label: args => (args.toolbar ? '' : trans.__('Run pipeline…')),
    caption: trans.__('Run an LSST pipeline: fill in a form'),
    icon: runsIcon,
    execute: () => {
      actions.start();
    },
  });
  app.commands.addCommand(DEBUG, {
    label: trans.__('Debug failed quantum'),
    caption: trans.__(
      'Open the quantum that failed last in the notebook: its inputs, its task, and where it failed',
    ),
    isEnabled: () => Boolean(notebooks?.currentWidget),
    execute: async () => {
      if (notebooks) await runCell(notebooks, '%quantum --failed');
    },
  });
}

function runActions(
  app: JupyterFrontEnd,
  api: Api,
  tabs: Tabs,
  notebooks: INotebookTracker | null,
  settings: Settings,
  trans: TranslationBundle,
  folder: () => string,
  refresh: () => void,
): RunActions {
  const attempt = (title: string, act: () => unknown): void => {
    void Promise.resolve()
      .then(act)
      .catch((error: unknown) => {
        const hint = error instanceof ApiError ? error.hint : '';
        const message = error instanceof Error ? error.message : String(error);
        return showErrorMessage(title, hint ? `${message}\n\n${hint}` : message);
      })
      .finally(refresh);
  };
  const ask = async (title: string, body: string, word: string): Promise<boolean> => {
    const buttons = [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label: word })];
    return (await showDialog({ title, body, buttons })).button.accept;
  };
  const name = (run: RunRow): string => run.output || run.id;
  const resuming = new Resuming();
  const actions: RunActions = {
    resuming,
    whyNoAttach: () =>
      notebooks?.currentWidget ? '' : trans.__('Open a notebook first: the panel of the run is put there'),
    open: run => {
      attempt(trans.__('Open run'), () => {
        tabs.open({ kind: 'run', id: run.id, label: run.output || shortId(run.id) }, actions);
      });
    },
    report: run => {
      attempt(trans.__('Report'), () => {
        tabs.open({ kind: 'report', id: run.id, label: run.output || shortId(run.id) }, actions);
      });
    },
    attach: run => {
      attempt(trans.__('Attach to run'), async () => {
        const tracker = notebooks;
        if (!tracker?.currentWidget) throw new Error(actions.whyNoAttach());
        app.shell.activateById(tracker.currentWidget.id);
        // eslint-disable-next-line no-restricted-syntax -- a command
        await runCell(tracker, `%pipetask attach ${run.id}`);
      });
    },
    stop: run => {
      attempt(trans.__('Stop run'), async () => {
        const body = trans.__(
          'Quanta under way come to their end; what has finished is kept, and it can be resumed.',
        );
        if (!settings.confirmStop || (await ask(trans.__('Stop %1?', name(run)), body, trans.__('Stop')))) {
          await api.stop(run.id, false);
        }
      });
    },
    resume: run => {
      void resuming.resume(run.id, name(run), () => api.resume(run.id)).finally(refresh);
    },
    remove: run => {
      attempt(trans.__('Delete run'), async () => {
        const body = trans.__(
          'What is kept of the run is removed: it can neither be shown nor resumed. Its results stay in the repository.',
        );
        if (await ask(trans.__('Delete %1?', name(run)), body, trans.__('Delete'))) await api.remove(run.id);
      });
    },
    start: () => {
      attempt(trans.__('Run pipeline'), async () => {
        const [{ askForRun, forgetForm }, { options }] = await Promise.all([loadPages(), api.options()]);
        const command = await askForRun(options, Boolean(notebooks?.currentWidget), trans);
        if (!command) return;
        const inserted = notebooks && insertCell(notebooks, command);
        if (inserted) app.shell.activateById(inserted.panel.id);
        else await openNewNotebook(app, folder(), command);
        forgetForm();
      });
    },
    refresh,
  };
  return actions;
}

export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Runs of LSST pipelines: a list at the side, commands, and a form.',
  autoStart: true,
  optional: [
    INotebookTracker,
    ICommandPalette,
    ILauncher,
    ILayoutRestorer,
    ISettingRegistry,
    ITranslator,
    IFileBrowserFactory,
    ILabShell,
  ],
  activate,
};
