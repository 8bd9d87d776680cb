/**
 * What JupyterLab loads first: a module-federation container (`init` and `get`), written by hand because it is so
 * little. It takes the modules that JupyterLab shares, then loads the part that is asked for.
 */
import { SHARED } from '../../shared_modules.mjs';

type Factory = () => unknown;
interface Shared {
  get(): Promise<Factory> | Factory;
}
type Scope = Record<string, Record<string, Shared> | undefined>;
interface Part {
  script: string;
  style: string;
}

declare const EXTENSION: Part;
declare const MIME: Part;
declare global {
  var _JUPYTERLAB: Record<string, unknown> | undefined;
  var jupyterMpexecShared: Record<string, unknown> | undefined;
}

const base = new URL('.', (document.currentScript as HTMLScriptElement).src);
let scope: Scope = {};
let ready: Promise<void> | undefined;

async function loadShared(): Promise<void> {
  const known: Record<string, unknown> = (globalThis.jupyterMpexecShared = {});
  await Promise.all(
    SHARED.map(async name => {
      // JupyterLab has one version of each; Notebook 7 lacks those of what it has not.
      const versions = Object.values(scope[name] ?? {});
      if (versions.length) known[name] = (await versions[0].get())();
    }),
  );
}

function loadStyle(file: string): void {
  if (!file) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL(file, base).href;
  document.head.append(link);
}

const PARTS: Record<string, Part> = { './extension': EXTENSION, './mime': MIME };

globalThis._JUPYTERLAB ??= {};
globalThis._JUPYTERLAB['jupyter-mpexec'] = {
  init(shared: Scope): void {
    scope = shared;
  },
  async get(name: string): Promise<Factory> {
    const part = PARTS[name] as Part | undefined;
    if (!part) throw new Error(`jupyter-mpexec has no module ${name}`);
    ready ??= loadShared();
    await ready;
    loadStyle(part.style);
    const loaded = (await import(new URL(part.script, base).href)) as Record<string, unknown>;
    // JupyterLab writes into it, which the module itself does not allow.
    const module = { ...loaded, __esModule: true };
    return () => module;
  },
};
