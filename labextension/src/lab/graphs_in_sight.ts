import type { FileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';

const GRAPH = '.qg';

/** Call back when the file browser begins to show quantum graphs: one of them will perhaps be opened. */
export function onGraphsInSight(browsers: IFileBrowserFactory, seen: () => void): void {
  const follow = (browser: FileBrowser): void => {
    let before = '';
    browser.model.refreshed.connect(model => {
      const shown = [...model.items()].filter(({ name }) => name.endsWith(GRAPH)).map(({ path }) => path);
      const now = shown.sort().join('\n');
      // It looks again every few seconds.
      if (now && now !== before) seen();
      before = now;
    });
  };
  browsers.tracker.forEach(follow);
  browsers.tracker.widgetAdded.connect((_, browser) => {
    follow(browser);
  });
}
