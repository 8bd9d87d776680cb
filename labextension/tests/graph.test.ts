import { nearest } from '../src/graph/navigate';
import { related } from '../src/graph/neighbours';
import { linePath, tipPath } from '../src/graph/paths';
import type { SceneEdge, SceneNode } from '../src/graph/scene';
import { find } from '../src/graph/search';
import { segments, summarise } from '../src/graph/summary';
import { inTwo } from '../src/graph/two_lines';

function node(id: string, x = 0, y = 0, kind: SceneNode['kind'] = 'task'): SceneNode {
  return { id, label: id, kind, lines: [], hint: '', counts: {}, init: false, x, y, w: 10, h: 10 };
}

function edge(source: string, target: string): SceneEdge {
  return { source, target, points: [], prerequisite: false, label: '', label_at: null };
}

describe('neighbours', () => {
  const edges = [
    edge('isr', 'calibrate'),
    edge('calibrate', 'warp'),
    edge('warp', 'coadd'),
    edge('isr', 'sky'),
  ];

  test('are everything up and down, with the arrows between', () => {
    const about = related({ edges }, 'calibrate');
    expect([...about.upstream]).toEqual(['isr']);
    expect([...about.downstream].sort()).toEqual(['coadd', 'warp']);
    expect([...about.edges].sort()).toEqual([0, 1, 2]);
  });

  test('are none of a node that is not there, and a circle ends', () => {
    expect(related({ edges }, '').edges.size).toBe(0);
    const circle = related({ edges: [edge('a', 'b'), edge('b', 'a')] }, 'a');
    expect([...circle.downstream]).toEqual(['b']);
  });
});

describe('search', () => {
  const nodes = [
    node('dataset_type:isr_out', 0, 0, 'dataset_type'),
    node('subtractIsr'),
    node('isr'),
    node('coadd'),
  ];

  test('puts tasks first, and names that begin with the text', () => {
    expect(find(nodes, 'ISR')).toEqual(['isr', 'subtractIsr', 'dataset_type:isr_out']);
  });

  test('wants all words, also in lines', () => {
    const lined = { ...node('coadd'), lines: ['{patch, band}'] };
    expect(find([lined, node('warp')], 'band co')).toEqual(['coadd']);
    expect(find([lined], 'band isr')).toEqual([]);
    expect(find(nodes, '  ')).toEqual([]);
  });
});

describe('two lines', () => {
  test('break between words, near the middle', () => {
    expect(inTwo('differenceImaging')).toEqual(['difference', 'Imaging']);
    expect(inTwo('consolidateVisitSummary')).toEqual(['consolidate', 'VisitSummary']);
    expect(inTwo('make_warp_psf')).toEqual(['make_', 'warp_psf']);
  });

  test('do not break what is one word', () => {
    expect(inTwo('isr')).toBeNull();
    expect(inTwo('ISR')).toBeNull();
    expect(inTwo('')).toBeNull();
  });
});

describe('navigation', () => {
  const nodes = [node('a', 0, 0), node('b', 100, 5), node('c', 60, 200), node('d', 300, 0)];

  test('goes to what is nearest straight ahead', () => {
    expect(nearest(nodes, nodes[0], 'ArrowRight')?.id).toBe('b');
    expect(nearest(nodes, nodes[1], 'ArrowRight')?.id).toBe('d');
    expect(nearest(nodes, nodes[1], 'ArrowDown')?.id).toBe('c');
    expect(nearest(nodes, nodes[0], 'ArrowLeft')).toBeNull();
  });
});

describe('summary', () => {
  test('tells how far a task is, and what needs attention', () => {
    const summary = summarise({ kind: 'task' }, { succeeded: 8, failed: 1, running: 2, pending: 4 });
    expect(summary).toMatchObject({ total: 15, done: 9, progress: '9 of 15' });
    expect(summary.remarks.map(({ text }) => text)).toEqual(['✗ 1', '► 2']);
    expect(summary.spoken).toBe('9 of 15 done: 8 succeeded, 1 failed, 2 running, 4 pending');
  });

  test('does not count what is not begun or all done', () => {
    // In the midst of its work a task counts as running (code 1), until the run is over.
    const half = { succeeded: 1, pending: 36 };
    expect([false, true].map(over => summarise({ kind: 'task' }, half, over).state)).toEqual([1, 0]);
    expect(summarise({ kind: 'task' }, { pending: 1200 }).progress).toBe('1,200 quanta');
    expect(summarise({ kind: 'task' }, { succeeded: 1 }).progress).toBe('1 quantum');
    expect(summarise({ kind: 'task' }, {}).state).toBe(-1);
  });

  test('a single quantum has a word', () => {
    expect(summarise({ kind: 'quantum' }, { no_work: 1 }).progress).toBe('no work');
  });

  test('the bar is divided in reading order; rare states can be seen; pending is empty', () => {
    const parts = segments({ pending: 500, failed: 1, succeeded: 500 }, 100);
    expect(parts.map(({ code }) => code)).toEqual([2, 5]);
    expect(parts[1].from).toBeCloseTo(parts[0].width);
    expect(parts[1].width).toBeGreaterThan(2.5);
    expect(segments({}, 100)).toEqual([]);
    const full = segments({ succeeded: 3, no_work: 1 }, 100);
    expect(full[0].width + full[1].width).toBeCloseTo(100);
  });
});

test('arrows are curves that end in a head', () => {
  const points: [number, number][] = [
    [0, 0],
    [10, 0],
    [20, 0],
    [30, 0],
  ];
  expect(linePath({ points })).toBe('M0 0C10 0 20 0 30 0');
  expect(tipPath({ points })).toBe('M30 0L23.0 3.2L23.0 -3.2Z');
});
