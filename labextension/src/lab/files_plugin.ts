/** Files: quantum graphs open as a page, and pipeline files as a diagram beside their editor. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import {
  ABCWidgetFactory,
  DocumentWidget,
  TextModelFactory,
  type DocumentRegistry,
  type IDocumentWidget,
} from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { Api } from './api';
import { onGraphsInSight } from './graphs_in_sight';
import { loadPages } from './load_pages';
import { errorBox } from './parts';
import { runsIcon } from './icon';
import { editorSource, textOf } from './pipeline_source';
import type { TranslationBundle } from '@jupyterlab/translation';

const OPEN = 'mpexec:open-pipeline';
const PIPELINE = /\.ya?ml$/;

/** Graph files are read by the server: their content never comes into the browser. */
class NothingFactory extends TextModelFactory {
  override get name(): string {
    return 'quantum-graph';
  }
  override get contentType(): Contents.ContentType {
    return 'file';
  }
  override get fileFormat(): Contents.FileFormat {
    return null;
  }
}

class GraphFactory extends ABCWidgetFactory<IDocumentWidget> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<IDocumentWidget>,
    private readonly api: Api,
    private readonly local: (path: string) => string,
    private readonly trans: TranslationBundle,
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): IDocumentWidget {
    const content = new Widget();
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = runsIcon;
    const path = this.local(context.path);
    void loadPages()
      .then(({ GraphPage }) => {
        const page = new GraphPage(this.api, { path }, path.split('/').at(-1) ?? path, this.trans);
        content.node.append(page.node);
        content.disposed.connect(() => {
          page.dispose();
        });
        return page.load();
      })
      .catch((error: unknown) => {
        content.node.append(errorBox(error));
      });
    return widget;
  }
}

function activate(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null,
  translator: ITranslator | null,
  browsers: IFileBrowserFactory | null,
): void {
  const trans = (translator ?? nullTranslator).load('jupyter_mpexec');
  const api = new Api(app.serviceManager.serverSettings, trans);
  const { docRegistry, serviceManager } = app;
  const local = (path: string): string => serviceManager.contents.localPath(path);

  docRegistry.addModelFactory(new NothingFactory());
  docRegistry.addFileType({
    name: 'quantum-graph',
    displayName: trans.__('Quantum graph'),
    extensions: ['.qg', '.qgraph'],
    fileFormat: 'base64',
    contentType: 'file',
    icon: runsIcon,
  });
  docRegistry.addWidgetFactory(
    new GraphFactory(
      {
        name: 'Quantum graph',
        label: trans.__('Quantum graph'),
        modelName: 'quantum-graph',
        fileTypes: ['quantum-graph'],
        defaultFor: ['quantum-graph'],
        readOnly: true,
      },
      api,
      local,
      trans,
    ),
  );

  app.commands.addCommand(OPEN, {
    label: trans.__('Open as pipeline diagram'),
    caption: trans.__('Draw the pipeline of this YAML file, and follow edits'),
    icon: runsIcon,
    isVisible: args => PIPELINE.test(chosenPath(app, browsers, args.path)),
    execute: async args => {
      const path = chosenPath(app, browsers, args.path);
      if (PIPELINE.test(path)) await openPipeline(app, api, path, local(path), trans);
    },
  });
  palette?.addItem({ command: OPEN, category: trans.__('LSST pipelines') });

  if (browsers) {
    onGraphsInSight(browsers, () => {
      // Without it a graph only opens later.
      api.prepareGraph().catch(() => undefined);
    });
  }
}

/** The file that is meant: named, or of the current tab, or selected in the file browser. */
function chosenPath(app: JupyterFrontEnd, browsers: IFileBrowserFactory | null, named: unknown): string {
  if (typeof named === 'string') return named;
  if (app.contextMenuHitTest(each => each.classList.contains('jp-DirListing-item'))) {
    const chosen = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].at(0)?.path;
    if (chosen) return chosen;
  }
  const current = app.shell.currentWidget;
  return isDocument(current) ? current.context.path : '';
}

function isDocument(widget: unknown): widget is DocumentWidget {
  return widget instanceof DocumentWidget;
}

/** Diagrams that are open, by the path of their file; the last one has been opened last. */
const diagrams = new Map<string, MainAreaWidget>();

async function openPipeline(
  app: JupyterFrontEnd,
  api: Api,
  path: string,
  local: string,
  trans: TranslationBundle,
): Promise<void> {
  const known = diagrams.get(path);
  if (known) {
    app.shell.activateById(known.id);
    return;
  }
  const editor: unknown = await app.commands.execute('docmanager:open', { path, factory: 'Editor' });
  if (!isDocument(editor)) return;
  await editor.context.ready;
  const { PipelinePage } = await loadPages();
  const page = new PipelinePage(api, editorSource(editor, local), trans);
  const content = new Widget();
  content.node.append(page.node);
  const tab = new MainAreaWidget({ content });
  tab.title.label = local.split('/').at(-1) ?? local;
  tab.title.caption = trans.__('Pipeline: %1', local);
  tab.title.icon = runsIcon;
  tab.title.closable = true;
  const follow = (): void => {
    page.changed();
  };
  textOf(editor).changed.connect(follow);
  const leave = (): void => {
    tab.dispose();
  };
  editor.disposed.connect(leave);
  content.disposed.connect(() => {
    diagrams.delete(path);
    if (!editor.isDisposed) textOf(editor).changed.disconnect(follow);
    page.dispose();
  });
  // The first one splits the window; others are tabs beside it.
  const beside = [...diagrams.values()].at(-1);
  diagrams.set(path, tab);
  app.shell.add(
    tab,
    'main',
    beside ? { mode: 'tab-after', ref: beside.id } : { mode: 'split-right', ref: editor.id },
  );
  if (beside) app.shell.activateById(tab.id);
  app.shell.activateById(editor.id);
  await page.draw();
}

export const filesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mpexec:files',
  description: 'Opens quantum graphs and pipeline files.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator, IFileBrowserFactory],
  activate,
};
