import { button, clamp, eachFrame, html, set, svg } from '../common/dom';
import { plural } from '../common/format';
import { listen } from '../common/gestures';
import { Legend } from '../common/legend';
import { Shell } from '../common/shell';
import * as viewport from '../common/viewport';
import { Card, FAR } from './card';
import { drawArrow, drawFrame, drawName, drawTitle } from './marks';
import { isDirection, nearest } from './navigate';
import { related } from './neighbours';
import { EMPTY, isStep, type Counts, type Scene } from './scene';
import { find } from './search';
import { codes } from './summary';

const PAN_STEP = 60;
const ZOOM_STEP = 1.25;
const LEAST_HEIGHT = 230;
const MARGIN = 16;
/** A tooltip covers its neighbours: it comes only when the pointer rests. */
const TIP_DELAY = 450;
const CLUSTER_TITLE = 17;
const CLUSTER_FONT = 12;

export interface GraphOptions {
  label: string;
  height: number;
  /** A graph that nothing runs: its quanta have no state. */
  isPlan?: boolean;
  /** The user selected a node; an empty text means none. */
  onSelect(id: string): void;
}

/** A graph to look at, pan, zoom and search, coloured by status. It knows nothing of widgets. */
export class GraphPanel {
  private scene: Scene = EMPTY;
  private cards = new Map<string, Card>();
  private arrows: SVGGElement[] = [];
  private titles: SVGTextElement[] = [];
  private selected = '';
  private focused = '';
  private found: string[] = [];
  private foundAt = 0;
  private hovered = '';
  private tipTimer = 0;
  private view: viewport.Viewport = { x: 0, y: 0, k: 1 };
  /** Until the user moves it, the view shows everything. */
  private moved = false;
  private readonly shell: Shell;
  private readonly canvas: SVGSVGElement;
  private readonly world = svg('g');
  private readonly legend = new Legend();
  private readonly empty = html('div', { class: 'jmpv-empty' });
  private readonly box = html('input', { type: 'search', class: 'jmpv-search', placeholder: 'Search' });
  private readonly matches = html('span', { class: 'jmpv-note' });
  private readonly note = html('span', { class: 'jmpv-note jmpv-end', 'aria-live': 'polite' });
  private readonly resized = new ResizeObserver(() => {
    this.resize();
  });
  private readonly frame = eachFrame(() => {
    this.place();
  });
  private readonly counted = eachFrame(() => {
    this.count();
  });

  constructor(
    host: HTMLElement,
    private readonly options: GraphOptions,
  ) {
    this.shell = new Shell(host, 'graph', options.label);
    this.canvas = svg('svg', { class: 'jmpv-svg', role: 'group', 'aria-label': options.label }, this.world);
    this.shell.stage.append(this.canvas, this.empty);
    this.shell.footer.append(this.legend.element, this.note);
    set(this.box, { 'aria-label': `Search: ${options.label}`, title: 'Search (/)' });
    this.shell.tools.append(
      this.box,
      this.matches,
      html('span', { class: 'jmpv-space' }),
      button('−', 'Zoom out (−)', () => {
        this.zoom(1 / ZOOM_STEP);
      }),
      button('+', 'Zoom in (+)', () => {
        this.zoom(ZOOM_STEP);
      }),
      button('Fit', 'Fit: show everything (0)', () => {
        this.fit();
      }),
    );
    this.listen();
    this.resized.observe(this.shell.stage);
  }

  /** Set the greatest height; a flat graph takes less. */
  setHeight(height: number): void {
    this.options.height = height;
    this.resize();
  }

  setScene(scene: Scene): void {
    this.scene = scene;
    this.cards = new Map(scene.nodes.map(node => [node.id, new Card(node)]));
    this.arrows = scene.edges.map(drawArrow);
    this.titles = scene.clusters.map(drawTitle);
    const frames = scene.clusters.map((cluster, index) => drawFrame(cluster, this.titles[index]));
    const names = scene.edges.flatMap(drawName);
    this.world.replaceChildren(
      ...frames,
      ...this.arrows,
      ...names,
      ...[...this.cards.values()].map(card => card.group),
    );
    set(this.canvas, { 'aria-label': `${this.options.label}: ${scene.title}` });
    this.empty.textContent = scene.nodes.length ? '' : scene.notes.join(' ') || 'There is nothing to draw.';
    if (!this.cards.has(this.focused))
      this.focused = (scene.nodes.find(isStep) ?? scene.nodes.at(0))?.id ?? '';
    this.roam(this.focused, false);
    this.moved = false;
    this.search(this.box.value);
    this.mark();
    this.resize();
    this.counted.ask();
  }

  /** Show other counts of some nodes. */
  setCounts(counts: Record<string, Counts>, isOver = false): void {
    for (const [id, byStatus] of Object.entries(counts)) {
      const card = this.cards.get(id);
      if (!card) continue;
      card.node.counts = byStatus;
      card.show(byStatus, isOver);
    }
    this.counted.ask();
  }

  /** Select a node without telling anybody. */
  select(id: string): void {
    if (id === this.selected) return;
    this.selected = this.cards.has(id) ? id : '';
    if (this.selected) {
      this.roam(this.selected, false);
      this.reveal(this.selected);
    }
    this.mark();
  }

  search(text: string): void {
    if (this.box.value !== text) this.box.value = text;
    this.found = find(this.scene.nodes, text);
    this.foundAt = 0;
    this.showFound();
    this.mark();
  }

  fit(): void {
    this.moved = false;
    this.view = viewport.fit(this.scene, this.stageSize());
    this.frame.ask();
  }

  dispose(): void {
    this.hideTip();
    this.resized.disconnect();
    this.frame.stop();
    this.counted.stop();
    this.shell.remove();
  }

  private resize(): void {
    const { width, height } = this.scene;
    const room = this.shell.stage.clientWidth;
    const wanted = height * Math.min(1, room / Math.max(1, width)) + 2 * MARGIN;
    this.shell.stage.style.height = `${clamp(wanted, LEAST_HEIGHT, this.options.height)}px`;
    if (this.moved) this.frame.ask();
    else this.fit();
  }

  private choose(id: string): void {
    const next = id === this.selected ? '' : id;
    this.select(next);
    this.options.onSelect(this.selected);
  }

  private move(view: viewport.Viewport): void {
    this.view = view;
    this.moved = true;
    this.frame.ask();
  }

  private zoom(factor: number): void {
    const { width, height } = this.stageSize();
    this.move(viewport.zoomAt(this.view, factor, width / 2, height / 2));
  }

  private reveal(id: string): void {
    const card = this.cards.get(id);
    // What fits is in sight, and stays where it is.
    if (!card || (!this.moved && this.view.k > viewport.LEAST_SCALE)) return;
    const view = viewport.reveal(this.view, card.node, this.stageSize());
    if (view.x !== this.view.x || view.y !== this.view.y) this.move(view);
  }

  private stageSize(): viewport.Size {
    return { width: this.shell.stage.clientWidth, height: this.shell.stage.clientHeight };
  }

  private place(): void {
    const { x, y, k } = this.view;
    set(this.world, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${k.toFixed(4)})` });
    this.canvas.classList.toggle('jmpv-far', k < FAR);
    for (const card of this.cards.values()) card.rescale(k);
    this.scene.clusters.forEach(({ y: top }, index) => {
      // Seen from far, titles are as large as before, above their frames.
      const far = k < FAR;
      const text = this.titles[index];
      text.style.fontSize = `${far ? CLUSTER_FONT / k : CLUSTER_FONT}px`;
      set(text, { y: far ? top - 4 / k : top + CLUSTER_TITLE });
    });
  }

  private count(): void {
    const sums = codes({});
    for (const { node } of this.cards.values()) {
      if (isStep(node)) codes(node.counts).forEach((count, code) => (sums[code] += count));
    }
    if (this.options.isPlan) this.legend.showTotal(sums.reduce((sum, count) => sum + count, 0));
    else this.legend.show(sums);
  }

  /** Show what is selected, found, and upstream and downstream. */
  private mark(): void {
    const about = related(this.scene, this.selected);
    const near = new Set([...about.upstream, ...about.downstream, this.selected]);
    const found = new Set(this.found);
    const dim = Boolean(this.selected || found.size);
    for (const [id, { group, box }] of this.cards) {
      group.classList.toggle('jmpv-selected', id === this.selected);
      group.classList.toggle('jmpv-found', found.has(id));
      group.classList.toggle('jmpv-dim', dim && !near.has(id) && !found.has(id));
      set(box, { 'aria-pressed': String(id === this.selected) });
    }
    this.arrows.forEach((arrow, index) => {
      arrow.classList.toggle('jmpv-near', about.edges.has(index));
      arrow.classList.toggle('jmpv-dim', dim && !about.edges.has(index));
    });
    const steps = (ids: Set<string>): number =>
      this.scene.nodes.filter(n => ids.has(n.id) && isStep(n)).length;
    const noun = this.scene.nodes.some(node => node.kind === 'quantum') ? 'quantum' : 'task';
    const many = noun === 'task' ? 'tasks' : 'quanta';
    if (this.scene.nodes.length) {
      this.note.textContent = this.selected
        ? `${this.cards.get(this.selected)!.node.label}: ` +
          `${plural(steps(about.upstream), noun, many)} upstream, ${steps(about.downstream)} downstream`
        : '';
    }
  }

  private showFound(): void {
    const wanted = this.box.value.trim();
    this.matches.textContent = !wanted
      ? ''
      : this.found.length
        ? `${this.foundAt + 1} of ${this.found.length}`
        : 'not found';
    if (wanted && this.found.length) this.reveal(this.found[this.foundAt]);
  }

  /** Let the keyboard stand on another node. */
  private roam(id: string, focus: boolean): void {
    const before = this.cards.get(this.focused)?.box;
    if (before) set(before, { tabindex: -1 });
    this.focused = id;
    const card = this.cards.get(id);
    if (!card) return;
    set(card.box, { tabindex: 0 });
    if (focus) {
      card.box.focus({ preventScroll: true });
      this.reveal(id);
    }
  }

  private hideTip(): void {
    clearTimeout(this.tipTimer);
    this.shell.hideTip();
  }

  private listen(): void {
    const idOf = (target: Element): string => target.closest<SVGGElement>('.jmpv-node')?.dataset.id ?? '';
    listen(this.shell.stage, {
      pan: (dx, dy) => {
        this.move(viewport.pan(this.view, dx, dy));
      },
      zoom: (factor, x, y) => {
        this.move(viewport.zoomAt(this.view, factor, x, y));
      },
      click: (_x, _y, target) => {
        const id = idOf(target);
        this.hideTip();
        this.roam(id || this.focused, true);
        if (id || this.selected) this.choose(id || this.selected);
      },
      hover: (x, y, target) => {
        const id = idOf(target);
        if (id === this.hovered) return;
        this.hideTip();
        this.hovered = id;
        const card = this.cards.get(id);
        if (!card) return;
        this.tipTimer = window.setTimeout(() => {
          this.shell.showTip(x, y, card.tip());
        }, TIP_DELAY);
      },
      leave: () => {
        this.hideTip();
        this.hovered = '';
      },
      focused: () => this.shell.stage.contains(document.activeElement),
      hint: () => {
        this.shell.hint();
      },
    });
    this.box.addEventListener('input', () => {
      this.search(this.box.value);
    });
    this.box.addEventListener('keydown', event => {
      if (event.key === 'Enter' && this.found.length) {
        const step = event.shiftKey ? this.found.length - 1 : 1;
        this.foundAt = (this.foundAt + step) % this.found.length;
        this.roam(this.found[this.foundAt], false);
        this.showFound();
      } else if (event.key === 'Escape') {
        this.search('');
        this.roam(this.focused, true);
      }
    });
    this.shell.stage.addEventListener('keydown', event => {
      this.hideTip();
      if (this.press(event)) event.preventDefault();
    });
    this.shell.stage.addEventListener('focusin', event => {
      const id = idOf(event.target as Element);
      if (id && id !== this.focused) this.roam(id, false);
    });
  }

  private press(event: KeyboardEvent): boolean {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (isDirection(key)) {
      if (event.shiftKey) {
        const dx = key === 'ArrowLeft' ? PAN_STEP : key === 'ArrowRight' ? -PAN_STEP : 0;
        const dy = key === 'ArrowUp' ? PAN_STEP : key === 'ArrowDown' ? -PAN_STEP : 0;
        this.move(viewport.pan(this.view, dx, dy));
        return true;
      }
      const here = this.cards.get(this.focused);
      const next = here && nearest(this.scene.nodes, here.node, key);
      if (next) this.roam(next.id, true);
      return true;
    }
    switch (key) {
      case 'Enter':
      case ' ':
        this.choose(this.focused);
        return true;
      case 'Escape':
        if (this.box.value) this.search('');
        else if (this.selected) this.choose(this.selected);
        return true;
      case '+':
      case '=':
        this.zoom(ZOOM_STEP);
        return true;
      case '-':
        this.zoom(1 / ZOOM_STEP);
        return true;
      case '0':
        this.fit();
        return true;
      case '/':
        this.box.focus();
        return true;
      default:
        return false;
    }
  }
}
