declare const PAGES: string;

// Known only while the script that holds this is run for the first time.
const base = (document.currentScript as HTMLScriptElement).src;

/** Resolve the name of a file that was built beside this one. */
export function besides(file: string): string {
  return new URL(file, base).href;
}

/** Load what draws pages; the second time it is there. */
export function loadPages(): Promise<typeof import('./pages')> {
  return import(besides(PAGES)) as Promise<typeof import('./pages')>;
}
