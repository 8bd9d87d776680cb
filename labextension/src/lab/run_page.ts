import { html } from '../common/dom';
import { number } from '../common/format';
import { GraphPanel } from '../graph/graph_panel';
import type { Counts, Scene } from '../graph/scene';
import type { Api, ApiError, RunDetails } from './api';
import { bar, commandLine, errorBox, facts, stateBadge, table } from './parts';
import { patch } from './patch';
import { ResumeErrors } from './resume_parts';
import { press, runButtons } from './run_buttons';
import { progressText } from './run_words';
import type { RunActions } from './runs_list';
import type { TranslationBundle } from '@jupyterlab/translation';

/** One run in a tab, followed without a kernel: how far it is, its graph, its tasks, what failed. */
export class RunPage {
  readonly node = html('div', { class: 'jmpx jmpl jmpl-page' });
  private readonly head = html('div', { class: 'jmpl-page-head' });
  private readonly trouble = html('div');
  private readonly graphBox = html('div', { class: 'jmpl-graph' });
  private readonly rest = html('div');
  private graph: GraphPanel | undefined;
  private nodes: Record<string, string> = {};
  private asked = false;
  private run: RunDetails | undefined;
  private readonly errors: ResumeErrors;
  private readonly unfollow: () => void;

  constructor(
    private readonly api: Pick<Api, 'run' | 'graph'>,
    private readonly id: string,
    private readonly actions: RunActions,
    private readonly trans: TranslationBundle,
  ) {
    this.errors = new ResumeErrors(actions.resuming, trans, id);
    this.unfollow = actions.resuming.follow(() => {
      if (this.run) this.show(this.run);
    });
    this.head.addEventListener('click', ({ target }) => {
      if (this.run) press(target, this.run, actions);
    });
    this.node.append(this.head, this.trouble, this.errors.node, this.graphBox, this.rest);
  }

  /** Bring it up to date; returns whether the run goes on. */
  async update(): Promise<boolean> {
    try {
      const run = await this.api.run(this.id, this.run?.version);
      patch(this.trouble, []);
      if (run) {
        this.run = run;
        this.count(run);
      }
      // Whether there is a notebook to attach to may have changed.
      if (this.run) this.show(this.run);
    } catch (error) {
      patch(this.trouble, [errorBox(error)]);
      if (this.run && (error as Partial<ApiError>).status === 404) this.showGone(this.run);
      return false;
    }
    if (this.run?.has_graph && !this.asked) {
      this.asked = true;
      // Reading it takes a while, and the numbers go on meanwhile.
      void this.draw();
    }
    return this.run?.is_alive ?? false;
  }

  dispose(): void {
    this.unfollow();
    this.errors.stop();
    this.graph?.dispose();
  }

  private async draw(): Promise<void> {
    const note = html('p', { class: 'jmpl-muted' }, this.trans.__('Reading the graph…'));
    this.graphBox.replaceChildren(note);
    let scene: Scene | null;
    try {
      ({ scene } = await this.api.graph({ run: this.id }));
    } catch (error) {
      this.graphBox.replaceChildren(errorBox(error));
      return;
    }
    note.remove();
    if (!scene) return;
    this.nodes = Object.fromEntries(scene.nodes.map(node => [node.label, node.id]));
    this.graph = new GraphPanel(this.graphBox, {
      label: this.trans.__('Graph of the run'),
      height: 420,
      onSelect: () => undefined,
    });
    this.graph.setScene(scene);
    if (this.run) this.count(this.run);
  }

  private count(run: RunDetails): void {
    const counts: Record<string, Counts> = {};
    for (const task of run.tasks) {
      const node = this.nodes[task.label] as string | undefined;
      if (node) counts[node] = task.counts;
    }
    this.graph?.setCounts(counts, !run.is_alive);
  }

  /** What was known of it stays to be read; there is nothing to be done with it any more. */
  private showGone(run: RunDetails): void {
    this.run = undefined;
    patch(this.head, [
      html('div', { class: 'jmpl-title' }, html('h2', {}, run.output || run.id)),
      html('p', { class: 'jmpl-muted' }, run.id),
    ]);
  }

  private show(run: RunDetails): void {
    const { trans } = this;
    patch(this.head, [
      html(
        'div',
        { class: 'jmpl-title' },
        html('h2', {}, run.output || run.id),
        stateBadge(run, trans),
        runButtons(run, this.actions, trans, 'tab'),
      ),
      bar(run.counts, trans, run.is_alive),
      html('p', { class: 'jmpl-muted' }, `${progressText(run, trans)} · ${run.id}`),
    ]);
    const tasks = run.tasks.map(task => [
      task.label,
      number(task.total),
      bar(task.counts, trans, run.is_alive),
      number((task.counts.failed as number | undefined) ?? 0),
      task.median,
      task.longest,
    ]);
    const parts: HTMLElement[] = [];
    const add = (key: string, title: string, part: HTMLElement): void => {
      parts.push(html('div', { 'data-key': key }, html('h3', {}, title), part));
    };
    if (run.failures.length) {
      add(
        'failures',
        trans.__('%1 failed', number(run.n_failures ?? run.failures.length)),
        table(
          [trans.__('Quantum'), trans.__('What went wrong')],
          run.failures.map(each => [each.name, each.headline]),
        ),
      );
    }
    if (tasks.length) {
      add(
        'tasks',
        trans.__('Tasks'),
        table(
          [
            trans.__('Task'),
            trans.__('Quanta'),
            trans.__('Progress'),
            trans.__('Failed'),
            trans.__('Median'),
            trans.__('Longest'),
          ],
          tasks,
        ),
      );
    }
    if (run.facts.length) add('facts', trans.__('About'), facts(run.facts));
    if (run.command) {
      const line = html('pre', { class: 'jmpl-code' }, ...commandLine(run.command));
      add('command', trans.__('The same from a shell'), line);
    }
    patch(this.rest, parts);
  }
}
