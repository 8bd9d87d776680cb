/** How long what takes the place of a button may need to be enabled, in milliseconds. */
const PATIENCE = 150;

/** Whoever presses a key twice is not to close the panel. */
const ENABLED = 'button:not(:disabled,.jmpx-close)';

/**
 * Keep the focus in a panel when the button that has it is disabled, as Pause is by being pressed: browsers would let
 * it fall to the page, and whoever uses the keyboard would have to walk all the way back.
 *
 * Returns the way to end it.
 */
export function keepFocus(inside: Element, panel: string): () => void {
  const observer = new MutationObserver(records => {
    const lost = records.map(record => record.target as HTMLButtonElement).find(button => button.disabled);
    if (lost && isLost(lost)) {
      setTimeout(() => {
        if (isLost(lost)) heir(lost)?.focus();
      }, PATIENCE);
    }
  });
  const follow = ({ target }: FocusEvent): void => {
    const button = target as Element;
    if (!button.matches('button') || !inside.closest(panel)?.contains(button)) return;
    observer.disconnect();
    observer.observe(button, { attributeFilter: ['disabled'] });
  };
  document.addEventListener('focusin', follow);
  return () => {
    document.removeEventListener('focusin', follow);
    observer.disconnect();
  };
}

function isLost(button: HTMLButtonElement): boolean {
  const { activeElement, body } = document;
  return button.disabled && (!activeElement || activeElement === body || activeElement === button);
}

/** What gets the focus of a button: the other one of a pair, or else the next, or else the one before. */
export function heir(button: Element): HTMLElement | undefined {
  const row = [...(button.parentElement?.children ?? [])];
  const place = row.indexOf(button);
  const others = [...row.slice(place), ...row.slice(0, place).reverse()];
  const enabled = others.filter(one => one.matches(ENABLED)) as HTMLElement[];
  const pair = button.matches('.jmpx-pair') ? enabled.find(one => one.matches('.jmpx-pair')) : null;
  return pair ?? enabled[0];
}
