/** What the pointer asks for; coordinates are pixels from the top left corner of the stage. */
export interface Gestures {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  click(x: number, y: number, target: Element): void;
  hover(x: number, y: number, target: Element): void;
  leave(): void;
  /** Whether the view has the keyboard, and so the wheel too. */
  focused(): boolean;
  /** The wheel was turned without the right to zoom. */
  hint(): void;
}

const CLICK_SLACK = 4;
const LINE_PIXELS = 16;

/**
 * Listen to pointer and wheel.
 *
 * The wheel alone scrolls the notebook: it zooms with Ctrl or Command (which is also what a pinch on a touch pad
 * sends), or when the view has the focus.
 */
export function listen(stage: HTMLElement, gestures: Gestures): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  let pressed: Element | null = null;

  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  stage.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, at(event));
    pressed = event.target as Element;
  });
  stage.addEventListener('pointermove', event => {
    const now = at(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') gestures.hover(now.x, now.y, event.target as Element);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.hypot(dx, dy);
    if (travelled < CLICK_SLACK) return;
    // Only a drag takes the pointer away from what it was pressed on.
    if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, now);
    if (other) {
      const length = Math.hypot(before.x - other.x, before.y - other.y) || 1;
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / length;
      gestures.zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else {
      gestures.leave();
      gestures.pan(dx, dy);
    }
  });
  stage.addEventListener('pointerup', event => {
    if (pointers.delete(event.pointerId) && travelled < CLICK_SLACK && pressed) {
      const { x, y } = at(event);
      gestures.click(x, y, pressed);
    }
  });
  stage.addEventListener('pointercancel', event => {
    pointers.delete(event.pointerId);
  });
  stage.addEventListener('pointerleave', () => {
    gestures.leave();
  });
  stage.addEventListener(
    'wheel',
    event => {
      const wanted = event.ctrlKey || event.metaKey;
      if (!wanted && !gestures.focused()) {
        gestures.hint();
        return;
      }
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
      if (!wanted && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        gestures.pan(-event.deltaX * unit, 0);
        return;
      }
      const { x, y } = at(event);
      // A pinch comes in small steps.
      const step = event.ctrlKey && Math.abs(event.deltaY) < 30 ? 0.01 : 0.0018;
      gestures.zoom(Math.exp(-event.deltaY * unit * step), x, y);
    },
    { passive: false },
  );
}
