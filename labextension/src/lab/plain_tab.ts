import type { MainAreaWidget } from '@jupyterlab/apputils';

/** Take away the bar above a page that has nothing in it; JupyterLab leaves a strip there. */
export function hideEmptyToolbar({ toolbar }: MainAreaWidget): void {
  toolbar.setHidden([...toolbar.children()].every(item => item.isHidden));
}
