type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string;

/** Make an HTML element. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Make an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Set attributes; false and undefined take one away. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A button with a tooltip that also is its name. */
export function button(face: string, name: string, click: () => void): HTMLButtonElement {
  const element = html(
    'button',
    { type: 'button', class: 'jmpv-button', title: name, 'aria-label': name },
    face,
  );
  element.addEventListener('click', click);
  return element;
}

/** Run something before the next frame is painted, however often it is asked for. */
export function eachFrame(draw: () => void): { ask: () => void; stop: () => void } {
  let handle = 0;
  return {
    ask() {
      handle ||= requestAnimationFrame(() => {
        handle = 0;
        draw();
      });
    },
    stop() {
      cancelAnimationFrame(handle);
    },
  };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
