/** Names of output collections: long ones, whose beginnings are often alike. */
import { html } from '../common/dom';

/** A name that goes on in the next line after a slash or an underscore, if need be. */
export function breakable(name: string): Node[] {
  return name.split(/(?<=[/_])/).flatMap(part => [document.createTextNode(part), html('wbr')]);
}

/** A name without its middle: whose it is and what it is are at its ends. */
export function shortened(name: string, most = 72): string {
  if (name.length <= most) return name;
  const head = Math.floor(most / 3);
  return `${name.slice(0, head)}…${name.slice(head + 1 - most)}`;
}

/** The end of a name, by which tabs are told apart; of its last part the beginning is seen in any case. */
export function tabName(name: string, most = 24): string {
  if (name.length <= most) return name;
  const parts = name.split('/');
  let end = parts.pop()!;
  while (parts.length && `${parts.at(-1)!}/${end}`.length < most - 1) end = `${parts.pop()!}/${end}`;
  return parts.length ? `…/${end}` : end;
}
