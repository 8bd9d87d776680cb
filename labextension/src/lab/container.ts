/**
 * What JupyterLab loads: a module-federation container (`init` and `get`), written by hand because it is so little.
 * It takes the modules that JupyterLab shares; only then what imports them is run. It is one file, as JupyterLab waits
 * for it when it starts; what draws pages is loaded later (`load_pages`).
 */
import { SHARED } from '../../shared_modules.mjs';
import { besides } from './load_pages';

type Factory = () => unknown;
interface Shared {
  get(): Promise<Factory> | Factory;
}
type Scope = Record<string, Record<string, Shared> | undefined>;

declare const STYLE: string;
declare global {
  var _JUPYTERLAB: Record<string, unknown> | undefined;
  var jupyterMpexecShared: Record<string, unknown> | undefined;
}

let scope: Scope = {};
let ready: Promise<void> | undefined;

async function prepare(): Promise<void> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = besides(STYLE);
  document.head.append(link);
  const known: Record<string, unknown> = (globalThis.jupyterMpexecShared = {});
  await Promise.all(
    SHARED.map(async name => {
      // JupyterLab has one version of each; Notebook 7 may lack one.
      const versions = Object.values(scope[name] ?? {});
      if (versions.length) known[name] = (await versions[0].get())();
    }),
  );
}

const MODULES: Record<string, (() => Promise<object>) | undefined> = {
  './extension': () => import('./extension'),
  './mime': () => import('./mime'),
};

globalThis._JUPYTERLAB ??= {};
globalThis._JUPYTERLAB['jupyter-mpexec'] = {
  init(shared: Scope): void {
    scope = shared;
  },
  async get(name: string): Promise<Factory> {
    const load = MODULES[name];
    // eslint-disable-next-line no-restricted-syntax -- no user reads it
    if (!load) throw new Error(`jupyter-mpexec has no module ${name}`);
    ready ??= prepare();
    await ready;
    // JupyterLab writes into it, which the module itself may not allow.
    const module = { ...(await load()), __esModule: true };
    return () => module;
  },
};
