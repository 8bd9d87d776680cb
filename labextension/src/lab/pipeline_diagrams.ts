/** The diagrams beside the editors of pipeline files. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { Api } from './api';
import { runsIcon } from './icon';
import { PipelinePage } from './pipeline_page';
import { editorSource, textOf } from './pipeline_source';
import { ServerFile } from './server_file';

/** Opens diagrams; one that is open already is only shown. */
export class PipelineDiagrams {
  /** By the document, whose path may change; the last one has been opened last. */
  private readonly open = new Map<DocumentWidget['context'], { tab: MainAreaWidget; page: PipelinePage }>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly trans: TranslationBundle,
  ) {
    app.serviceManager.contents.fileChanged.connect((_, { type, newValue }) => {
      // A diagram also shows what is in the code of its tasks, and in pipelines that it imports.
      if (type !== 'save' || !/\.(py|ya?ml)$/.test(newValue?.path ?? '')) return;
      for (const { page } of this.open.values()) page.changed();
    });
  }

  async show(path: string): Promise<void> {
    const editor: unknown = await this.app.commands.execute('docmanager:open', { path, factory: 'Editor' });
    if (!isDocument(editor)) return;
    await editor.context.ready;
    const known = this.open.get(editor.context);
    if (known) this.app.shell.activateById(known.tab.id);
    else await this.draw(editor);
  }

  private async draw(editor: DocumentWidget): Promise<void> {
    const { app, trans, open } = this;
    const { context } = editor;
    const file = new ServerFile(context, app.serviceManager.contents, trans);
    const page = new PipelinePage(this.api, editorSource(editor, file), trans);
    const content = new Widget();
    content.node.append(page.node);
    const tab = new MainAreaWidget({ content });
    tab.title.icon = runsIcon;
    tab.title.closable = true;
    const follow = (): void => {
      page.changed();
    };
    const name = (): void => {
      tab.title.label = file.name;
      tab.title.caption = trans.__('Pipeline: %1', context.path);
    };
    const move = (): void => {
      name();
      void page.draw();
    };
    name();
    textOf(editor).changed.connect(follow);
    context.pathChanged.connect(move);
    editor.disposed.connect(() => {
      tab.dispose();
    });
    content.disposed.connect(() => {
      open.delete(context);
      if (!editor.isDisposed) {
        textOf(editor).changed.disconnect(follow);
        context.pathChanged.disconnect(move);
      }
      page.dispose();
    });
    // The first one splits the window; others are tabs beside it.
    const beside = [...open.values()].at(-1)?.tab;
    open.set(context, { tab, page });
    app.shell.add(
      tab,
      'main',
      beside ? { mode: 'tab-after', ref: beside.id } : { mode: 'split-right', ref: editor.id },
    );
    if (beside) app.shell.activateById(tab.id);
    app.shell.activateById(editor.id);
    await page.draw();
  }
}

function isDocument(widget: unknown): widget is DocumentWidget {
  return widget instanceof DocumentWidget;
}
