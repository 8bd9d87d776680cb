/** Putting cells into the current notebook. */
import { NotebookActions, type INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { withExtension } from './command_text';

interface Inserted {
  panel: NotebookPanel;
  cell: NonNullable<NotebookPanel['content']['activeCell']>;
}

/** Insert a cell below the active one; null if no notebook is open. */
export function insertCell(tracker: INotebookTracker, code: string): Inserted | null {
  const panel = tracker.currentWidget;
  if (!panel?.content.model) return null;
  NotebookActions.insertBelow(panel.content);
  const cell = panel.content.activeCell;
  if (!cell) return null;
  cell.model.sharedModel.setSource(withExtension(code));
  return { panel, cell };
}

/** Insert a cell below the active one and run it. */
export async function runCell(tracker: INotebookTracker, code: string): Promise<boolean> {
  const inserted = insertCell(tracker, code);
  if (!inserted) return false;
  const { panel, cell } = inserted;
  await panel.sessionContext.ready;
  // Another cell may be the active one by now, and this one may be gone.
  if (cell.isDisposed) return false;
  return NotebookActions.runCells(panel.content, [cell], panel.sessionContext);
}
