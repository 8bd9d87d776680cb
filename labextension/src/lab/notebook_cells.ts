/** Putting cells into the current notebook. */
import { NotebookActions, type INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { withExtension } from './command_text';

/** Insert a cell below the active one; returns the notebook, or null if none is open. */
export function insertCell(tracker: INotebookTracker, code: string): NotebookPanel | null {
  const panel = tracker.currentWidget;
  if (!panel?.content.model) return null;
  const { content } = panel;
  const sources = content.widgets.map(cell => cell.model.sharedModel.getSource());
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(withExtension(sources, code));
  return panel;
}

/** Insert a cell below the active one and run it. */
export async function runCell(tracker: INotebookTracker, code: string): Promise<boolean> {
  const panel = insertCell(tracker, code);
  if (!panel) return false;
  await panel.sessionContext.ready;
  await NotebookActions.run(panel.content, panel.sessionContext);
  return true;
}
