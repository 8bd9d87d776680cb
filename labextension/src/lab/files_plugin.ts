/** Files: quantum graphs open as a page, and pipeline files as a diagram beside their editor. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
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
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import { Api } from './api';
import { onGraphsInSight } from './graphs_in_sight';
import { loadPages } from './load_pages';
import { errorBox } from './parts';
import { runsIcon } from './icon';
import { type FilePlace, OpenFiles } from './open_files';
import type { PipelineDiagrams } from './pipeline_diagrams';
import { hideEmptyToolbar } from './plain_tab';
import { ServerFile } from './server_file';
import type { TranslationBundle } from '@jupyterlab/translation';

const OPEN = 'mpexec:open-pipeline';
// eslint-disable-next-line no-restricted-syntax -- a name that files are opened by
const GRAPH = 'Quantum graph';
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
    private readonly contents: Contents.IManager,
    private readonly files: OpenFiles,
    private readonly trans: TranslationBundle,
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): IDocumentWidget {
    const content = new Widget();
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = runsIcon;
    // Other extensions may put something there, as soon as this returns.
    queueMicrotask(() => {
      hideEmptyToolbar(widget);
    });
    const { files } = this;
    files.add(widget, () => ({ kind: 'graph', path: context.path }));
    context.pathChanged.connect(() => {
      files.moved(widget);
    });
    const file = new ServerFile(context, this.contents, this.trans);
    void loadPages()
      .then(({ GraphPage }) => {
        if (content.isDisposed) return;
        const page = new GraphPage(this.api, file, this.trans);
        content.node.append(page.node);
        const read = (): void => {
          void page.load();
        };
        context.pathChanged.connect(read);
        // Opening the document tells of a change, too.
        void context.ready.then(() => context.fileChanged.connect(read));
        content.disposed.connect(() => {
          context.pathChanged.disconnect(read);
          context.fileChanged.disconnect(read);
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
  restorer: ILayoutRestorer | null,
): void {
  const trans = (translator ?? nullTranslator).load('jupyter_mpexec');
  const api = new Api(app.serviceManager.serverSettings, trans);
  const { docRegistry, serviceManager } = app;
  const files = new OpenFiles();
  let known: PipelineDiagrams | undefined;
  const diagrams = async (): Promise<PipelineDiagrams> => {
    const pages = await loadPages();
    return (known ??= new pages.PipelineDiagrams(app, api, files, trans));
  };

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
        name: GRAPH,
        label: trans.__('Quantum graph'),
        modelName: 'quantum-graph',
        fileTypes: ['quantum-graph'],
        defaultFor: ['quantum-graph'],
        readOnly: true,
      },
      api,
      serviceManager.contents,
      files,
      trans,
    ),
  );

  app.commands.addCommand(OPEN, {
    label: trans.__('Open as pipeline diagram'),
    caption: trans.__('Draw the pipeline of this YAML file, and follow edits'),
    icon: runsIcon,
    isVisible: args => PIPELINE.test(chosenPath(app, browsers, args)),
    execute: async args => {
      const path = chosenPath(app, browsers, args);
      if (!PIPELINE.test(path)) return;
      await (await diagrams()).show(path);
    },
  });
  palette?.addItem({ command: OPEN, category: trans.__('LSST pipelines') });

  const { contents } = serviceManager;
  const openAgain = async ({ kind, path }: FilePlace): Promise<void> => {
    if (kind === 'diagram') (await diagrams()).restore(path);
    else await app.commands.execute('docmanager:open', { path, factory: GRAPH });
  };
  if (restorer) {
    files.restore(app, restorer, async place => {
      // Where a file is gone JupyterLab shows a dialog over all else, and a tab that waits for ever.
      const look = (): Promise<unknown> => contents.get(place.path, { content: false });
      try {
        await look();
      } catch (error) {
        const { lostFileTab } = await loadPages();
        const tab = lostFileTab(place.path, error, look, () => openAgain(place), trans);
        app.shell.add(tab, 'main', { activate: false });
        files.add(tab, () => place);
        return;
      }
      await openAgain(place);
    });
  }

  if (browsers) {
    onGraphsInSight(browsers, () => {
      // Without it a graph only opens later.
      api.prepareGraph().catch(() => undefined);
    });
  }
}

/** The file that is meant: named, or selected in the file browser whose menu was used, or of the current tab. */
function chosenPath(
  app: JupyterFrontEnd,
  browsers: IFileBrowserFactory | null,
  { path, selected }: ReadonlyPartialJSONObject,
): string {
  if (typeof path === 'string') return path;
  if (selected) return [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].at(0)?.path ?? '';
  const current = app.shell.currentWidget;
  return isDocument(current) ? current.context.path : '';
}

function isDocument(widget: unknown): widget is DocumentWidget {
  return widget instanceof DocumentWidget;
}

export const filesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mpexec:files',
  description: 'Opens quantum graphs and pipeline files.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator, IFileBrowserFactory, ILayoutRestorer],
  activate,
};
