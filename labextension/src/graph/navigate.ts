import type { SceneNode } from './scene';

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const VECTORS: Record<Direction, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function isDirection(key: string): key is Direction {
  return key in VECTORS;
}

/** Find the nearest node in a direction: what is straight ahead counts as nearer than what is aside. */
export function nearest(
  nodes: readonly SceneNode[],
  from: SceneNode,
  direction: Direction,
): SceneNode | null {
  const [ux, uy] = VECTORS[direction];
  let best: SceneNode | null = null;
  let least = Infinity;
  for (const node of nodes) {
    const dx = node.x + node.w / 2 - (from.x + from.w / 2);
    const dy = node.y + node.h / 2 - (from.y + from.h / 2);
    const ahead = dx * ux + dy * uy;
    if (node === from || ahead <= 1) continue;
    const aside = Math.abs(dx * uy) + Math.abs(dy * ux);
    const cost = ahead + 2 * aside;
    if (cost < least) {
      least = cost;
      best = node;
    }
  }
  return best;
}
