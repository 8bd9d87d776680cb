import { storedScene } from '../src/graph/stored_scene';

const BOX = { x: 0, y: 0, w: 150, h: 60 };

function stored(more: object = {}): object {
  const scene = {
    title: 'Two',
    width: 400,
    height: 60,
    nodes: [
      { id: 'a', label: 'first', kind: 'task', ...BOX },
      { id: 'b', label: 'second', kind: 'dataset_type', init: true, lines: ['Box'], ...BOX },
    ],
    edges: [
      {
        source: 'a',
        target: 'b',
        points: [
          [0, 0],
          [1, 0],
          [2, 0],
          [3, 0],
        ],
      },
    ],
    ...more,
  };
  return { version: 1, scene: JSON.stringify(scene) };
}

test('what is not stored is empty', () => {
  const scene = storedScene(stored());
  expect(scene.nodes[0]).toEqual({
    id: 'a',
    label: 'first',
    kind: 'task',
    lines: [],
    hint: '',
    counts: {},
    init: false,
    ...BOX,
  });
  expect(scene.nodes[1]).toMatchObject({ init: true, lines: ['Box'] });
  expect(scene.edges[0]).toMatchObject({ prerequisite: false, label: '', label_at: null });
  expect(scene.clusters).toEqual([]);
  expect(scene.notes).toEqual([]);
});

const node = { id: 'a', label: 'a', kind: 'task', ...BOX };
const points = [
  [0, 0],
  [1, 1],
];

test.each([
  ['nothing', undefined],
  ['a text', 'graph'],
  ['a list', []],
  ['no scene', { version: 1 }],
  ['half a scene', { version: 1, scene: '{"nodes":[' }],
  ['no nodes', stored({ nodes: [] })],
  ['a node without place', stored({ nodes: [{ id: 'a', label: 'a', kind: 'task' }], edges: [] })],
  ['a node of another kind', stored({ nodes: [{ ...node, kind: 'script' }], edges: [] })],
  ['a label that is none', stored({ nodes: [{ ...node, label: {} }], edges: [] })],
  ['a place that is none', stored({ nodes: [{ ...node, x: '1' }], edges: [] })],
  ['a place out of sight', stored({ nodes: [{ ...node, x: 1e12 }], edges: [] })],
  ['more nodes than can be drawn', stored({ nodes: Array(6000).fill(node), edges: [] })],
  ['an arrow to nowhere', stored({ edges: [{ source: 'a', target: 'c', points: [[0, 0]] }] })],
  ['a broken arrow', stored({ edges: [{ source: 'a', target: 'b', points }] })],
  ['counts that are none', stored({ nodes: [{ ...node, counts: { failed: 'many' } }], edges: [] })],
  ['edges that are none', stored({ edges: 3 })],
])('%s is an error', (_name, data) => {
  expect(() => storedScene(data)).toThrow();
});
