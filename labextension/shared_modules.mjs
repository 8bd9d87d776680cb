// Modules that JupyterLab has and shares: they are taken from the page, and never bundled.
export const SHARED = [
  '@codemirror/state',
  '@codemirror/view',
  '@jupyterlab/application',
  '@jupyterlab/apputils',
  '@jupyterlab/codemirror',
  '@jupyterlab/coreutils',
  '@jupyterlab/docregistry',
  '@jupyterlab/filebrowser',
  '@jupyterlab/launcher',
  '@jupyterlab/notebook',
  '@jupyterlab/rendermime',
  '@jupyterlab/services',
  '@jupyterlab/settingregistry',
  '@jupyterlab/translation',
  '@jupyterlab/ui-components',
  '@lumino/coreutils',
  '@lumino/disposable',
  '@lumino/widgets',
];

/** A plugin for esbuild: `src/lab/container.ts` has loaded them before anything that imports them. */
export function sharedModules() {
  return {
    name: 'shared modules',
    setup(build) {
      build.onResolve({ filter: /^@(jupyterlab|lumino|codemirror)\// }, ({ path }) => {
        if (SHARED.includes(path)) return { path, namespace: 'shared' };
        return { errors: [{ text: `${path} is not in SHARED of shared_modules.mjs` }] };
      });
      build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = globalThis.jupyterMpexecShared[${JSON.stringify(path)}];`,
        loader: 'js',
      }));
    },
  };
}
