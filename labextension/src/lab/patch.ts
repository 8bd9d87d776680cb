/** What tells an element from its neighbours; one without a key is told by its place and its tag. */
const KEY = 'data-key';

/**
 * Make the children of an element like others. What is alike stays, so that focus, selection and a click that is under
 * way outlive it. Handlers are not compared: clicks are heard by the element around.
 */
export function patch(host: Element, wanted: readonly (Node | string)[]): void {
  const focused = document.activeElement;
  replace(host, wanted);
  // It may have been moved, which takes the focus away.
  if (focused !== document.activeElement && host.contains(focused)) (focused as HTMLElement).focus();
}

function replace(host: Element, wanted: readonly (Node | string)[]): void {
  const nodes = wanted.map(each => (typeof each === 'string' ? document.createTextNode(each) : each));
  const keys = new Set(nodes.map(keyOf));
  const known = new Map<string, Element>();
  for (const child of [...host.children]) {
    const key = keyOf(child);
    if (key && keys.has(key)) known.set(key, child);
    else if (key) child.remove();
  }
  let place = host.firstChild;
  for (const node of nodes) {
    const key = keyOf(node);
    const alike = place && !keyOf(place) && place.nodeName === node.nodeName ? place : undefined;
    const old = key ? known.get(key) : alike;
    if (old === place) place = place.nextSibling;
    else host.insertBefore(old ?? node, place);
    if (old) change(old, node);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function change(old: Node, wanted: Node): void {
  if (old instanceof Element && wanted instanceof Element) {
    for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of wanted.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    replace(old, [...wanted.childNodes]);
  } else if (old.nodeValue !== wanted.nodeValue) {
    old.nodeValue = wanted.nodeValue;
  }
}

function keyOf(node: Node): string {
  return node instanceof Element ? (node.getAttribute(KEY) ?? '') : '';
}
