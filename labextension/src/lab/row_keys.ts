/** Keys in a list of rows: the list is one stop of the Tab key, and arrows go from row to row. */

export interface RowActs {
  /** Whether a row is open. */
  isOpen(key: string): boolean;
  toggle(key: string): void;
  remove(key: string): void;
}

/** Rows are elements with `data-key`, each with a head that takes the focus. */
export class RowKeys {
  private current = '';

  constructor(
    private readonly list: HTMLElement,
    private readonly acts: RowActs,
    private readonly head = '.jmpl-run-head',
    private readonly row = '.jmpl-run',
  ) {
    list.addEventListener('keydown', event => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!this.press(event.key, event.target as Element)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    list.addEventListener('focusin', ({ target }) => {
      this.current = this.keyOf(target as Element);
      this.mark();
    });
  }

  /** Change the rows; who had the focus in one that is gone has it in its neighbour. */
  change(draw: () => void): void {
    const at = this.heads().findIndex(head => this.rowOf(head)?.contains(document.activeElement));
    draw();
    this.mark();
    if (at < 0 || this.list.contains(document.activeElement)) return;
    const heads = this.heads();
    heads[Math.min(at, heads.length - 1)]?.focus();
  }

  /** Put the focus on the first row. */
  enter(): void {
    this.heads().at(0)?.focus();
  }

  private press(key: string, target: Element): boolean {
    const heads = this.heads();
    const at = heads.findIndex(head => this.rowOf(head)?.contains(target));
    if (at < 0) return false;
    const places: Record<string, number | undefined> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: heads.length - 1,
    };
    const place = places[key];
    if (place !== undefined) {
      heads[Math.max(0, Math.min(place, heads.length - 1))].focus();
      return true;
    }
    if (target !== heads[at]) return false;
    const row = this.keyOf(target);
    if (key === 'Delete') this.acts.remove(row);
    else if (key === 'ArrowRight' || key === 'ArrowLeft') {
      if (this.acts.isOpen(row) !== (key === 'ArrowRight')) this.acts.toggle(row);
    } else return false;
    return true;
  }

  /** Only one of the heads is a stop of the Tab key. */
  private mark(): void {
    const heads = this.heads();
    const chosen = heads.find(head => this.keyOf(head) === this.current) ?? heads.at(0);
    for (const head of heads) head.tabIndex = head === chosen ? 0 : -1;
  }

  private heads(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(this.head)];
  }

  private rowOf(element: Element): Element | null {
    return element.closest(this.row);
  }

  private keyOf(element: Element): string {
    return this.rowOf(element)?.getAttribute('data-key') ?? '';
  }
}
