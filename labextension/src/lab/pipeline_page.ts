import { html } from '../common/dom';
import { GraphPanel } from '../graph/graph_panel';
import type { Api, PipelineAnswer } from './api';
import { Newest } from './newest';
import { errorBox, wordButton } from './parts';
import { tasksText } from './run_words';
import type { TranslationBundle } from '@jupyterlab/translation';

const PATIENCE = 350;

/** Where the text of a pipeline is edited. */
export interface PipelineSource {
  /** Its name and path as they are now; the path throws if the server does not have the file. */
  readonly file: { readonly name: string; readonly path: string };
  text(): string;
  /** Mark a line of the text as wrong; 0 for none. */
  mark(line: number): void;
  /** Bring a line into view. */
  reveal(line: number): void;
}

/** A pipeline file as a diagram that follows its text. */
export class PipelinePage {
  readonly node = html('div', { class: 'jmpx jmpl jmpl-page' });
  private readonly name = html('h2', {});
  private readonly size = html('span', { class: 'jmpl-size' });
  private readonly trouble = html('div', { 'aria-live': 'polite' });
  private readonly graphBox = html('div', { class: 'jmpl-graph' });
  private readonly graph: GraphPanel;
  private readonly types = html('input', { type: 'checkbox' });
  private lines: Record<string, number> = {};
  private labels: Record<string, string> = {};
  private timer = 0;
  private drawn = false;
  private isOver = false;
  /** The server answers about a file one by one: what waits there keeps the newest text waiting. */
  private readonly drawing = new Newest(isOld => this.ask(isOld));
  private readonly reading = html('p', { class: 'jmpl-muted', role: 'status' });

  constructor(
    private readonly api: Api,
    private readonly source: PipelineSource,
    private readonly trans: TranslationBundle,
  ) {
    this.types.addEventListener('change', () => {
      void this.draw();
    });
    this.node.append(
      html(
        'div',
        { class: 'jmpl-title' },
        this.name,
        this.size,
        html('label', { class: 'jmpl-check' }, this.types, trans.__('dataset types')),
      ),
      this.trouble,
      this.reading,
      this.graphBox,
    );
    this.graph = new GraphPanel(this.graphBox, {
      label: trans.__('Pipeline'),
      height: 640,
      onSelect: id => {
        const line = this.lines[this.labels[id]] as number | undefined;
        if (line) source.reveal(line);
      },
    });
  }

  /** Follow an edit, when the hands rest. */
  changed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.draw(), PATIENCE);
  }

  draw(): Promise<void> {
    return this.drawing.ask();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.isOver = true;
    this.source.mark(0);
    this.graph.dispose();
  }

  private async ask(isOld: () => boolean): Promise<void> {
    const { file } = this.source;
    this.name.textContent = file.name;
    this.node.setAttribute('aria-busy', 'true');
    if (!this.drawn) {
      this.reading.textContent = this.trans.__('Reading the pipeline and its tasks…');
      this.graphBox.hidden = true;
    }
    const isMeant = (): boolean => !isOld() && !this.isOver;
    try {
      const answer = await this.api.pipeline(file.path, this.source.text(), this.types.checked);
      if (isMeant()) this.show(answer);
    } catch (error) {
      if (isMeant()) this.trouble.replaceChildren(errorBox(error));
    } finally {
      if (isMeant()) {
        this.node.removeAttribute('aria-busy');
        this.reading.textContent = '';
      }
    }
  }

  private show({ scene, tasks, lines, problem }: PipelineAnswer): void {
    const { trans } = this;
    // What was drawn last stays, but it can be seen that it is old.
    this.graphBox.classList.toggle('jmpl-stale', problem !== null);
    this.source.mark(problem?.line ?? 0);
    if (problem) {
      const { line, message, hint } = problem;
      const where = wordButton(trans.__('Line %1', line), trans.__('Go to this line'), () => {
        this.source.reveal(line);
      });
      this.trouble.replaceChildren(
        html(
          'div',
          { class: 'jmpl-error', role: 'alert', 'data-line': line },
          html('div', { class: 'jmpl-run-line' }, html('strong', {}, message), where),
          ...(hint ? [html('div', {}, hint)] : []),
        ),
      );
      return;
    }
    this.trouble.replaceChildren();
    this.lines = lines ?? {};
    this.size.textContent = tasksText(tasks.length, this.trans);
    if (scene) {
      this.drawn = true;
      this.graphBox.hidden = false;
      this.labels = Object.fromEntries(scene.nodes.map(node => [node.id, node.label]));
      this.graph.setScene(scene);
    }
  }
}
