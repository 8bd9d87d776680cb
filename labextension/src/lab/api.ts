/** What the server extension answers; see `jupyter_mpexec/server/routes.py`. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Counts, Scene } from '../graph/scene';
import { noAnswer, refusal } from './refusals';

export interface RunRow {
  id: string;
  state: string;
  look: { glyph: string; word: string; css: string };
  is_alive: boolean;
  is_final: boolean;
  can_resume: boolean;
  counts: Counts;
  total: number;
  ended: number;
  output: string;
  repository: string;
  started_at: number;
  finished_at: number | null;
  trouble: string;
}

export interface RunList {
  now: number;
  runs: RunRow[];
}

export interface RunDetails extends RunRow {
  version: string;
  facts: [string, string][];
  tasks: { label: string; total: number; counts: Counts; median: string; longest: string }[];
  failures: { name: string; task: string; headline: string }[];
  n_failures?: number;
  command: string;
  has_graph: boolean;
}

export interface TaskRow {
  label: string;
  class: string;
  dimensions: string;
  quanta: number;
}

export interface GraphSummary {
  total: number;
  tasks: TaskRow[];
  facts: [string, string][];
  scene: Scene | null;
  note: string;
  /** What changes when the file is written anew. */
  stamp: string;
}

export interface QuantumRow {
  task: string;
  id: string;
  data_id: string;
}

export interface QuantaPage {
  total: number;
  first: number;
  rows: QuantumRow[];
}

export interface QuantumDetails {
  quantum_id: string;
  needs: QuantumRow[];
  feeds: QuantumRow[];
  n_needs: number;
  n_feeds: number;
  datasets: { type: string; data_id: string; role: string }[];
  n_datasets: number;
}

export interface PipelineAnswer {
  scene: Scene | null;
  tasks: { label: string; class: string; dimensions: string }[];
  lines?: Record<string, number>;
  problem: { message: string; hint: string; line: number } | null;
}

export interface OptionRow {
  name: string;
  flag: string;
  short: string;
  off_flag: string;
  help: string;
  group: string;
  kind: string;
  metavar: string;
  minimum: number | null;
  choices: string[];
  default: string | number | boolean | null;
}

/** An error that the server explains. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** The file has been written anew since its stamp was told. */
  get isOutdated(): boolean {
    return this.status === 409;
  }
}

/** Which graph is meant: a file, or that of a run; with a stamp, only as it was when it had that. */
export type GraphPlace = ({ path: string } | { run: string }) & { stamp?: string };

/** Asks the server; it knows its base URL, its token and its XSRF cookie. */
export class Api {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle,
  ) {}

  runs(): Promise<RunList> {
    return this.ask('runs');
  }

  /** How far a run is; nothing if that is still what `since` says, the version of an earlier answer. */
  async run(id: string, since = ''): Promise<RunDetails | undefined> {
    const answer = await this.ask<RunDetails | { unchanged: true }>(`runs/${encodeURIComponent(id)}`, {
      query: { since },
    });
    return 'unchanged' in answer ? undefined : answer;
  }

  report(id: string): Promise<{ html: string }> {
    return this.ask(`runs/${encodeURIComponent(id)}/report`);
  }

  stop(id: string, interrupt: boolean): Promise<unknown> {
    return this.ask(`runs/${encodeURIComponent(id)}/stop`, { method: 'POST', body: { interrupt } });
  }

  resume(id: string): Promise<unknown> {
    return this.ask(`runs/${encodeURIComponent(id)}/resume`, { method: 'POST', body: {} });
  }

  remove(id: string): Promise<unknown> {
    return this.ask(`runs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** Say that a graph will perhaps be asked for: the process that reads it takes a while to start. */
  prepareGraph(): Promise<unknown> {
    return this.ask('graph/prepare', { method: 'POST', body: {} });
  }

  graph(place: GraphPlace): Promise<GraphSummary> {
    return this.ask('graph', { query: { ...place } });
  }

  quanta(place: GraphPlace, task: string, where: string, first: number, count: number): Promise<QuantaPage> {
    const query = { ...place, task, where, first: String(first), count: String(count) };
    return this.ask('graph/quanta', { query });
  }

  quantum(place: GraphPlace, id: string): Promise<QuantumDetails> {
    return this.ask('graph/quantum', { query: { ...place, id } });
  }

  pipeline(path: string, text: string, types: boolean): Promise<PipelineAnswer> {
    return this.ask('pipeline', { method: 'POST', body: { path, text, dataset_types: types } });
  }

  options(): Promise<{ options: OptionRow[] }> {
    return this.ask('options');
  }

  private async ask<T>(
    address: string,
    { method = 'GET', body, query }: { method?: string; body?: unknown; query?: Record<string, string> } = {},
  ): Promise<T> {
    const url =
      URLExt.join(this.settings.baseUrl, 'mpexec', address) +
      (query ? URLExt.objectToQueryString(query) : '');
    const request: RequestInit = { method };
    if (body !== undefined) request.body = JSON.stringify(body);
    const response = await this.send(url, request);
    const answer = (await response.json().catch(() => ({}))) as { message?: string; hint?: string };
    if (!response.ok) {
      const { status } = response;
      const [message, hint] =
        answer.hint === undefined
          ? refusal(status, answer.message ?? response.statusText, this.trans)
          : [answer.message ?? response.statusText, answer.hint];
      throw new ApiError(message, hint, status);
    }
    return answer as T;
  }

  private async send(url: string, request: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, request, this.settings);
    } catch (error) {
      // It has the words of the browser, such as "Failed to fetch".
      if (error instanceof ServerConnection.NetworkError) throw new ApiError(...noAnswer(this.trans), 0);
      throw error;
    }
  }
}
