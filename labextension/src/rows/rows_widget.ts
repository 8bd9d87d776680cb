import { observe, trait, type Model } from '../common/model';
import { RowsPanel, type Row } from './rows_panel';

/** Bind rows to a widget model; returns the way to take them away. */
export function renderRows(model: Model, host: HTMLElement): () => void {
  const panel = new RowsPanel(host, {
    label: trait(model, 'label'),
    height: trait(model, 'height'),
    onSelect(ids) {
      model.set('selected', ids);
      model.save_changes();
    },
  });
  const show = (): void => {
    panel.setRows(trait<Row[]>(model, '_rows'));
  };
  const select = (): void => {
    panel.select(trait(model, 'selected'));
  };
  show();
  select();
  const ignore = observe(model, { 'change:_rows': show, 'change:selected': select });
  return () => {
    ignore();
    panel.dispose();
  };
}
