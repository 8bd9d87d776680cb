import type { Scene } from './scene';

export interface Related {
  upstream: Set<string>;
  downstream: Set<string>;
  /** Places of the arrows between them in the scene's list. */
  edges: Set<number>;
}

/** Find everything that a node depends on, and everything that depends on it. */
export function related(scene: Pick<Scene, 'edges'>, id: string): Related {
  const edges = new Set<number>();
  return {
    upstream: walk(scene, id, 'target', 'source', edges),
    downstream: walk(scene, id, 'source', 'target', edges),
    edges,
  };
}

function walk(
  scene: Pick<Scene, 'edges'>,
  start: string,
  from: 'source' | 'target',
  to: 'source' | 'target',
  edges: Set<number>,
): Set<string> {
  const leaving = new Map<string, number[]>();
  scene.edges.forEach((edge, index) => {
    const known = leaving.get(edge[from]);
    if (known) known.push(index);
    else leaving.set(edge[from], [index]);
  });
  const found = new Set<string>();
  const waiting = [start];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const index of leaving.get(node) ?? []) {
      edges.add(index);
      const next = scene.edges[index][to];
      if (next !== start && !found.has(next)) {
        found.add(next);
        waiting.push(next);
      }
    }
  }
  return found;
}
