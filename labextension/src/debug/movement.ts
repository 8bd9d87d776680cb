/** Where a key leads in a list of rows, and how far the list is scrolled then. */

import { clamp } from '../common/dom';

const PAGE = 10;

/** The row that a key leads to from another one; undefined for a key that leads nowhere, or where there are no rows. */
export function rowAfter(key: string, active: number, count: number): number | undefined {
  const last = count - 1;
  const places: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + PAGE,
    PageUp: active - PAGE,
    Home: 0,
    End: last,
  };
  return last >= 0 && Object.hasOwn(places, key) ? clamp(places[key], 0, last) : undefined;
}

/** What is seen of a list: how far it is scrolled, and how high it is. */
export interface Sight {
  scroll: number;
  height: number;
}

/** How far to scroll so that a row, which has a top and a height, is seen with some rows around it. */
export function revealed(top: number, height: number, { scroll, height: room }: Sight): number {
  const margin = Math.min(60, room / 4);
  return top < scroll + margin || top + height > scroll + room - margin ? top - room / 3 : scroll;
}

/** How far to scroll so that a row is just seen. */
export function followed(top: number, height: number, { scroll, height: room }: Sight): number {
  return clamp(scroll, top + height - room, Math.max(0, top));
}

/** The keys of an event as they are named in Python: `F10`, `Shift+F11`; undefined with any other modifier. */
export function keyName(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>,
): string | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  return (event.shiftKey ? 'Shift+' : '') + event.key;
}
