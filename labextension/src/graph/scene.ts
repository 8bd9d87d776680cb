/** A diagram that Python laid out: see `jupyter_mpexec.display.scene`. */
export interface Scene {
  title: string;
  description: string;
  width: number;
  height: number;
  nodes: SceneNode[];
  edges: SceneEdge[];
  clusters: SceneCluster[];
  notes: string[];
}

export interface SceneNode {
  id: string;
  label: string;
  kind: 'task' | 'dataset_type' | 'quantum' | 'dataset';
  lines: string[];
  hint: string;
  counts: Counts;
  init: boolean;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface SceneEdge {
  source: string;
  target: string;
  /** A start, then three points a cubic Bézier curve. */
  points: [number, number][];
  prerequisite: boolean;
  label: string;
  label_at: [number, number] | null;
}

export interface SceneCluster {
  label: string;
  hint: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Numbers of quanta by the name of their state. */
export type Counts = Record<string, number>;

export const EMPTY: Scene = {
  title: '',
  description: '',
  width: 0,
  height: 0,
  nodes: [],
  edges: [],
  clusters: [],
  notes: [],
};

/** Whether a node is a step, which has counts and a bar, and not data. */
export function isStep(node: SceneNode): boolean {
  return node.kind === 'task' || node.kind === 'quantum';
}
