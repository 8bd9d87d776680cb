import { keyName } from './movement';

/**
 * Hear keys that are pressed anywhere in the pane of an element; returns the way to stop.
 *
 * JupyterLab takes F10 and F11 for its own debugger, and listens at the document: the window is asked before.
 */
export function hearKeys(
  root: HTMLElement,
  pane: string,
  keys: readonly string[],
  heard: (key: string) => void,
): () => void {
  const press = (event: KeyboardEvent): void => {
    const key = keyName(event);
    const inside = root.closest(pane)?.contains(event.target as Node) === true;
    if (!inside || key === undefined || !keys.includes(key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) heard(key);
  };
  window.addEventListener('keydown', press, { capture: true });
  return () => {
    window.removeEventListener('keydown', press, { capture: true });
  };
}
