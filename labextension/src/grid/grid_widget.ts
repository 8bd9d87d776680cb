import { uint32, uint8 } from '../common/bytes';
import { connect, type Frame } from '../common/link';
import { observe, tell, trait, type Model } from '../common/model';
import { GridPanel } from './grid_panel';

/** Bind a grid to a widget model; returns the way to take it away. */
export function renderGrid(model: Model, host: HTMLElement): () => void {
  let generation = -1;
  const panel = new GridPanel(host, {
    label: trait(model, 'label'),
    height: trait(model, 'height'),
    onSelect(index) {
      model.set('selected', index);
      model.save_changes();
    },
    onRest(index) {
      tell(model, { kind: 'describe', index });
    },
  });
  const show = (): void => {
    const cells = trait<Frame>(model, '_cells');
    if (typeof cells.generation !== 'number') return;
    const across = uint32(cells.across);
    const frame = trait<Frame>(model, '_frame');
    const fits = frame.generation === cells.generation;
    generation = cells.generation;
    panel.setContent(
      {
        columns: cells.columns as string[],
        rows: cells.rows as string[],
        columnAxis: cells.column_axis as string,
        rowAxis: cells.row_axis as string,
        title: cells.title as string,
        across,
        down: uint32(cells.down),
      },
      fits ? uint8(frame.statuses) : new Uint8Array(across.length),
    );
    select();
  };
  const select = (): void => {
    panel.select(trait(model, 'selected'));
  };
  show();
  const ignore = observe(model, {
    'change:_cells': show,
    'change:selected': select,
    'change:height'() {
      panel.setHeight(trait(model, 'height'));
    },
  });
  const disconnect = connect(model, {
    frame(frame) {
      if (frame.generation === generation) panel.setStatuses(uint8(frame.statuses));
    },
    delta(content, buffers) {
      if (content.generation === generation) panel.changeStatuses(uint32(buffers[0]), uint8(buffers[1]));
    },
    message(content) {
      if (content.kind === 'reveal') panel.comeIntoSight();
      if (content.kind === 'described') panel.describe(content.index as number, content.text as string);
    },
  });
  return () => {
    disconnect();
    ignore();
    panel.dispose();
  };
}
