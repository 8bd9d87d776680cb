import { html } from '../common/dom';
import { number } from '../common/format';
import { GraphPanel } from '../graph/graph_panel';
import {
  ApiError,
  type Api,
  type GraphPlace,
  type GraphSummary,
  type QuantumDetails,
  type QuantumRow,
} from './api';
import { errorBox, facts, table, wordButton } from './parts';
import { quantaText, tasksText } from './run_words';
import type { TranslationBundle } from '@jupyterlab/translation';

const PAGE = 100;

/** A quantum graph file: what it is, its pipeline, its quanta. */
export class GraphPage {
  readonly node = html('div', { class: 'jmpx jmpl jmpl-page' });
  private readonly graphBox = html('div', { class: 'jmpl-graph' });
  private readonly listBox = html('div', { class: 'jmpl-quanta', 'aria-live': 'polite' });
  private readonly detailBox = html('div', { class: 'jmpl-details' });
  private readonly task = html('select', { class: 'jmpl-input' });
  private readonly where = html('input', {
    type: 'search',
    class: 'jmpl-input jmpl-wide',
    spellcheck: 'false',
  });
  private readonly title = html('h2', {});
  private graph: GraphPanel | undefined;
  private labels: Record<string, string> = {};
  private stamp = '';
  private loads = 0;
  private turn = 0;
  private drills = 0;

  constructor(
    private readonly api: Api,
    /** Its name and path as they are now; the path throws if the server does not have the file. */
    private readonly file: { readonly name: string; readonly path: string },
    private readonly trans: TranslationBundle,
  ) {
    this.node.append(html('p', { class: 'jmpl-muted' }, trans.__('Reading the graph…')));
  }

  /** Read the file; once more when it was renamed, moved or written anew. */
  async load(note = ''): Promise<void> {
    const { trans } = this;
    const turn = ++this.loads;
    this.title.textContent = this.file.name;
    // What is still to be answered is about the file as it was.
    this.turn++;
    this.drills++;
    try {
      const summary = await this.api.graph({ path: this.file.path });
      if (turn !== this.loads) return;
      this.stamp = summary.stamp;
      this.show(summary, note);
      if (summary.scene) await this.list(0);
    } catch (error) {
      if (turn !== this.loads) return;
      this.node.replaceChildren(
        html('div', { class: 'jmpl-title' }, this.title),
        errorBox(error),
        wordButton(trans.__('Try again'), trans.__('Read the file once more'), () => {
          void this.load();
        }),
      );
    }
  }

  dispose(): void {
    this.graph?.dispose();
  }

  private get place(): GraphPlace {
    return { path: this.file.path, stamp: this.stamp };
  }

  /** Say why there is no answer; if it is because the file was written anew, that is shown instead. */
  private explain(error: unknown, box: HTMLElement): void {
    if ((error as Partial<ApiError>).isOutdated)
      void this.load(this.trans.__('The file has been written anew: this is what it holds now.'));
    else box.replaceChildren(errorBox(error));
  }

  private show(summary: GraphSummary, note: string): void {
    const { trans } = this;
    this.dispose();
    const size = `${quantaText(summary.total, trans)} · ${tasksText(summary.tasks.length, trans)}`;
    this.node.replaceChildren(
      html('div', { class: 'jmpl-title' }, this.title, html('span', { class: 'jmpl-size' }, size)),
    );
    this.detailBox.replaceChildren();
    if (note) this.node.append(html('p', { class: 'jmpl-note', role: 'status' }, note));
    if (summary.note) this.node.append(html('p', { class: 'jmpl-note' }, summary.note));
    const { scene } = summary;
    if (scene) {
      this.graphBox.replaceChildren();
      this.node.append(this.graphBox);
      this.labels = Object.fromEntries(scene.nodes.map(node => [node.id, node.label]));
      this.graph = new GraphPanel(this.graphBox, {
        label: trans.__('Pipeline of the graph'),
        height: 380,
        isPlan: true,
        onSelect: id => {
          this.task.value = this.labels[id] ?? '';
          void this.list(0);
        },
      });
      this.graph.setScene(scene);
      this.node.append(
        this.search(summary),
        html('div', { class: 'jmpl-split' }, this.listBox, this.detailBox),
      );
    } else {
      const rows = summary.tasks.map(task => [task.label, number(task.quanta)]);
      this.node.append(table([trans.__('Task'), trans.__('Quanta')], rows));
    }
    const about = html('details', { class: 'jmpl-about' }, html('summary', {}, trans.__('About this graph')));
    about.append(facts(summary.facts));
    this.node.append(about);
  }

  private search(summary: GraphSummary): HTMLElement {
    const { trans } = this;
    this.task.replaceChildren(
      html('option', { value: '' }, trans.__('all tasks')),
      ...summary.tasks.map(({ label, quanta }) =>
        html('option', { value: label }, `${label} (${number(quanta)})`),
      ),
    );
    this.task.setAttribute('aria-label', trans.__('Task'));
    this.task.onchange = () => {
      const chosen = Object.entries(this.labels).find(([, label]) => label === this.task.value);
      this.graph?.select(chosen?.[0] ?? '');
      void this.list(0);
    };
    this.where.setAttribute('aria-label', trans.__('Search by data ID'));
    this.where.placeholder = trans.__('Search by data ID, such as: visit = 42 AND detector IN (1..4)');
    this.where.onkeydown = event => {
      if (event.key === 'Enter') void this.list(0);
    };
    this.where.addEventListener('search', () => {
      if (!this.where.value) void this.list(0);
    });
    const find = wordButton(trans.__('Search'), trans.__('List the quanta that match'), () => {
      void this.list(0);
    });
    return html('div', { class: 'jmpl-search', role: 'search' }, this.task, this.where, find);
  }

  private async list(first: number): Promise<void> {
    const { trans } = this;
    const turn = ++this.turn;
    this.listBox.setAttribute('aria-busy', 'true');
    try {
      const found = await this.api.quanta(this.place, this.task.value, this.where.value, first, PAGE);
      // Another question was asked meanwhile.
      if (turn !== this.turn) return;
      const last = found.first + found.rows.length;
      const range = found.total
        ? trans.__('%1–%2 of %3', number(found.first + 1), number(last), number(found.total))
        : trans.__('No quantum matches.');
      const pages = html('div', { class: 'jmpl-pages' }, html('span', {}, range));
      const back = wordButton(
        '‹',
        trans.__('Previous page'),
        () => void this.list(Math.max(0, first - PAGE)),
      );
      const on = wordButton('›', trans.__('Next page'), () => void this.list(first + PAGE));
      back.disabled = first === 0;
      on.disabled = last >= found.total;
      if (found.total > PAGE) pages.append(back, on);
      this.listBox.replaceChildren(pages, this.rows(found.rows));
    } catch (error) {
      if (turn === this.turn) this.explain(error, this.listBox);
    } finally {
      if (turn === this.turn) this.listBox.removeAttribute('aria-busy');
    }
  }

  private rows(rows: readonly QuantumRow[]): HTMLElement {
    const list = html('div', { class: 'jmpl-rows', role: 'list' });
    for (const row of rows) list.append(this.row(row));
    return list;
  }

  private row(row: QuantumRow): HTMLElement {
    const element = html(
      'button',
      { type: 'button', class: 'jmpl-row', title: row.id },
      html('b', {}, row.task),
      html('span', {}, row.data_id),
    );
    element.addEventListener('click', () => {
      for (const other of this.listBox.querySelectorAll('.jmpl-on')) other.classList.remove('jmpl-on');
      element.classList.add('jmpl-on');
      void this.drill(row);
    });
    return html('div', { role: 'listitem' }, element);
  }

  private async drill(row: QuantumRow): Promise<void> {
    const turn = ++this.drills;
    try {
      const details = await this.api.quantum(this.place, row.id);
      if (turn === this.drills) this.detail(row, details);
    } catch (error) {
      if (turn === this.drills) this.explain(error, this.detailBox);
    }
  }

  private detail(row: QuantumRow, quantum: QuantumDetails): void {
    const { trans } = this;
    const links = (title: string, rows: readonly QuantumRow[], total: number): HTMLElement[] => [
      html('h3', {}, `${title} (${number(total)})`),
      rows.length ? this.rows(rows) : html('p', { class: 'jmpl-muted' }, trans.__('nothing')),
    ];
    const datasets = quantum.datasets.map(each => [each.role, each.type, each.data_id]);
    this.detailBox.replaceChildren(
      html('h3', { class: 'jmpl-first' }, row.task),
      html('p', {}, row.data_id),
      html('p', { class: 'jmpl-muted jmpl-id' }, row.id),
      ...links(trans.__('Needs'), quantum.needs, quantum.n_needs),
      ...links(trans.__('Feeds'), quantum.feeds, quantum.n_feeds),
      html('h3', {}, trans.__('Datasets (%1)', number(quantum.n_datasets))),
      table([trans.__('Role'), trans.__('Type'), trans.__('Data ID')], datasets),
    );
    // Below a long list, nothing would seem to happen.
    this.detailBox.firstElementChild?.scrollIntoView({ block: 'nearest' });
  }
}
