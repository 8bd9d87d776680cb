import type { Counts, Scene, SceneCluster, SceneEdge, SceneNode } from './scene';

type Fields = Record<string, unknown>;

const KINDS = ['task', 'dataset_type', 'quantum', 'dataset'];
const MOST = 5000;
/** What a browser can draw, in pixels. */
const LARGEST = 1e6;

/**
 * Read a scene as outputs of notebooks store it: see `jupyter_mpexec.display.graph_output`. A notebook may be of
 * anybody, and of any version: what does not fit is an error.
 */
export function storedScene(data: unknown): Scene {
  const stored = fields(JSON.parse(text(fields(data).scene)));
  const nodes = list(stored.nodes).map(node);
  if (!nodes.length) throw new Error('There is nothing in the graph.');
  const known = new Set(nodes.map(({ id }) => id));
  const edges = list(stored.edges).map(edge);
  if (edges.some(({ source, target }) => !known.has(source) || !known.has(target))) {
    throw new Error('An arrow of the graph leads nowhere.');
  }
  return {
    title: text(stored.title),
    description: text(stored.description),
    width: length(stored.width),
    height: length(stored.height),
    nodes,
    edges,
    clusters: list(stored.clusters).map(cluster),
    notes: list(stored.notes).map(text),
  };
}

function node(data: unknown): SceneNode {
  const { id, label, kind, lines, hint, counts, init, ...rest } = fields(data);
  if (!KINDS.includes(text(kind))) throw new Error(`The graph has a node of an unknown kind.`);
  return {
    id: text(id),
    label: text(label),
    kind: kind as SceneNode['kind'],
    lines: list(lines).map(text),
    hint: text(hint),
    counts: numbers(counts),
    init: init === true,
    ...box(rest),
  };
}

function edge(data: unknown): SceneEdge {
  const { source, target, points, prerequisite, label, label_at: at } = fields(data);
  const path = list(points).map(point);
  if (path.length % 3 !== 1) throw new Error('An arrow of the graph is broken.');
  return {
    source: text(source),
    target: text(target),
    points: path,
    prerequisite: prerequisite === true,
    label: text(label),
    label_at: at === undefined || at === null ? null : point(at),
  };
}

function cluster(data: unknown): SceneCluster {
  const { label, hint, ...rest } = fields(data);
  return { label: text(label), hint: text(hint), ...box(rest) };
}

function box(data: Fields): { x: number; y: number; w: number; h: number } {
  return { x: length(data.x), y: length(data.y), w: length(data.w), h: length(data.h) };
}

function point(data: unknown): [number, number] {
  const [x, y] = list(data);
  return [length(x), length(y)];
}

function numbers(data: unknown): Counts {
  return Object.fromEntries(Object.entries(fields(data ?? {})).map(([name, value]) => [name, length(value)]));
}

function fields(data: unknown): Fields {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new Error('This is no graph of jupyter_mpexec.');
  return data as Fields;
}

/** What is empty is not stored. */
function list(data: unknown): unknown[] {
  if (data === undefined) return [];
  if (!Array.isArray(data) || data.length > MOST) throw new Error('This is no graph of jupyter_mpexec.');
  return data;
}

function text(data: unknown): string {
  if (data === undefined) return '';
  if (typeof data !== 'string') throw new Error('This is no graph of jupyter_mpexec.');
  return data;
}

function length(data: unknown): number {
  if (typeof data !== 'number' || !Number.isFinite(data) || Math.abs(data) > LARGEST)
    throw new Error('This is no graph of jupyter_mpexec.');
  return data;
}
