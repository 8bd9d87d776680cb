/** The diagrams beside the editors of pipeline files. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { html } from '../common/dom';
import type { Api } from './api';
import { runsIcon } from './icon';
import type { OpenFiles } from './open_files';
import { errorBox } from './parts';
import { PipelinePage } from './pipeline_page';
import { editorSource, textOf } from './pipeline_source';
import { hideEmptyToolbar } from './plain_tab';
import { ServerFile } from './server_file';

type Tab = MainAreaWidget;

/** Opens diagrams; one that is open already is only shown. */
export class PipelineDiagrams {
  /** By the document, whose path may change; the last one has been opened last. */
  private readonly open = new Map<DocumentWidget['context'], { tab: Tab; page: PipelinePage }>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly files: OpenFiles,
    private readonly trans: TranslationBundle,
  ) {
    app.serviceManager.contents.fileChanged.connect((_, { type, newValue }) => {
      // A diagram also shows what is in the code of its tasks, and in pipelines that it imports.
      if (type !== 'save' || !/\.(py|ya?ml)$/.test(newValue?.path ?? '')) return;
      for (const { page } of this.open.values()) page.changed();
    });
  }

  async show(path: string): Promise<void> {
    const editor = await this.editor(path, true);
    const known = this.open.get(editor.context);
    if (known) {
      this.app.shell.activateById(known.tab.id);
      return;
    }
    // The first one splits the window; others are tabs beside it.
    const beside = [...this.open.values()].at(-1)?.tab;
    const tab = this.tab(path);
    const drawn = this.draw(tab, editor);
    this.app.shell.add(
      tab,
      'main',
      beside ? { mode: 'tab-after', ref: beside.id } : { mode: 'split-right', ref: editor.id },
    );
    if (beside) this.app.shell.activateById(tab.id);
    this.app.shell.activateById(editor.id);
    await drawn;
  }

  /** Make a tab whose place the layout knows; its editor is there when JupyterLab has restored all. */
  restore(path: string): void {
    const { app, open, trans } = this;
    const tab = this.tab(path);
    tab.content.node.append(
      html(
        'p',
        { class: 'jmpx jmpl jmpl-page jmpl-muted', role: 'status' },
        trans.__('Opening the pipeline…'),
      ),
    );
    app.shell.add(tab, 'main', { activate: false });
    app.restored
      .then(() => this.editor(path, false))
      .then(editor => {
        if (tab.isDisposed) return undefined;
        // Somebody was faster.
        if (open.has(editor.context)) tab.dispose();
        else return this.draw(tab, editor);
        return undefined;
      })
      .catch((error: unknown) => {
        tab.content.node.replaceChildren(html('div', { class: 'jmpx jmpl jmpl-page' }, errorBox(error)));
      });
  }

  private async editor(path: string, activate: boolean): Promise<DocumentWidget> {
    const { commands } = this.app;
    const options = { activate };
    const editor: unknown = await commands.execute('docmanager:open', { path, factory: 'Editor', options });
    if (!isDocument(editor))
      throw new Error(this.trans.__('The file %1 cannot be opened in an editor.', path));
    await editor.context.ready;
    return editor;
  }

  private tab(path: string): Tab {
    const tab = new MainAreaWidget({ content: new Widget() });
    hideEmptyToolbar(tab);
    tab.title.icon = runsIcon;
    tab.title.closable = true;
    tab.title.label = path.split('/').at(-1)!;
    this.files.add(tab, () => {
      const context = [...this.open].find(each => each[1].tab === tab)?.[0];
      return { kind: 'diagram', path: context?.path ?? path };
    });
    return tab;
  }

  private draw(tab: Tab, editor: DocumentWidget): Promise<void> {
    const { app, files, trans, open } = this;
    const { context } = editor;
    const file = new ServerFile(context, app.serviceManager.contents, trans);
    const page = new PipelinePage(this.api, editorSource(editor, file), trans);
    const { content } = tab;
    content.node.replaceChildren(page.node);
    const follow = (): void => {
      page.changed();
    };
    const name = (): void => {
      tab.title.label = file.name;
      tab.title.caption = trans.__('Pipeline: %1', context.path);
    };
    const move = (): void => {
      name();
      files.moved(tab);
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
    open.set(context, { tab, page });
    return page.draw();
  }
}

function isDocument(widget: unknown): widget is DocumentWidget {
  return widget instanceof DocumentWidget;
}
