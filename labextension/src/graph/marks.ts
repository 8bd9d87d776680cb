/** What a graph has beside its cards: arrows, the names on them, and the frames around clusters. */
import { svg } from '../common/dom';
import { linePath, tipPath } from './paths';
import type { SceneCluster, SceneEdge } from './scene';

export function drawArrow(edge: SceneEdge): SVGGElement {
  const classes = edge.prerequisite ? 'jmpv-edge jmpv-prerequisite' : 'jmpv-edge';
  return svg(
    'g',
    { class: classes },
    svg('path', { class: 'jmpv-path', d: linePath(edge) }),
    svg('path', { class: 'jmpv-head', d: tipPath(edge) }),
  );
}

/** Draw what an arrow is called; none for one without a name. */
export function drawName({ label, label_at: at }: SceneEdge): SVGTextElement[] {
  return label && at ? [svg('text', { class: 'jmpv-edge-name', x: at[0], y: at[1] + 4 }, label)] : [];
}

export function drawTitle({ x, label }: SceneCluster): SVGTextElement {
  return svg('text', { x: x + 12 }, label);
}

export function drawFrame({ x, y, w, h, label, hint }: SceneCluster, title: SVGTextElement): SVGGElement {
  return svg(
    'g',
    { class: 'jmpv-cluster' },
    svg('title', {}, hint ? `${label}\n${hint}` : label),
    svg('rect', { x, y, width: w, height: h, rx: 8 }),
    title,
  );
}
