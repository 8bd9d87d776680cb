/** Which files are open as pages, so that they are open again when the browser's page is reloaded. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

const OPEN = 'mpexec:open-file';

/** A graph file, or a pipeline file as a diagram. */
export interface FilePlace {
  kind: 'graph' | 'diagram';
  path: string;
}

export class OpenFiles {
  private readonly tracker = new WidgetTracker({ namespace: 'mpexec-files' });
  private readonly places = new WeakMap<Widget, () => FilePlace>();

  /** Remember a tab as long as it is open, and where its file lies then. */
  add(tab: Widget, place: () => FilePlace): void {
    this.places.set(tab, place);
    void this.tracker.add(tab);
  }

  /** The file of a tab was renamed or moved. */
  moved(tab: Widget): void {
    void this.tracker.save(tab);
  }

  /** Open again what was open; `open` must have made a tab, and added it here, when it settles. */
  restore(app: JupyterFrontEnd, restorer: ILayoutRestorer, open: (place: FilePlace) => Promise<void>): void {
    app.commands.addCommand(OPEN, { execute: place => open(place as unknown as FilePlace) });
    const place = (tab: Widget): FilePlace => this.places.get(tab)!();
    void restorer.restore(this.tracker, {
      command: OPEN,
      args: tab => ({ ...place(tab) }),
      name: tab => `${place(tab).kind}:${place(tab).path}`,
    });
  }
}
