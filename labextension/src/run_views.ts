/** The live views as one anywidget module: which of them a model is, it says itself. */
import './../style/run_views.css';
import { renderGraph } from './graph/graph_widget';
import { renderGrid } from './grid/grid_widget';
import { renderRows } from './rows/rows_widget';
import { restoreHearing } from './common/hearing';
import type { Model } from './common/model';
import { renderTimeline } from './timeline/timeline_widget';

const VIEWS: Record<string, (model: Model, host: HTMLElement) => () => void> = {
  graph: renderGraph,
  grid: renderGrid,
  rows: renderRows,
  timeline: renderTimeline,
};

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const remove = VIEWS[model.get('_view_kind') as string](model, el);
    restoreHearing(model);
    return remove;
  },
};
