/** What the debugging pane draws in the browser, as an anywidget module: rows that are picked, and keys. */
import { restoreHearing } from './common/hearing';
import { observe, tell, trait, type Model } from './common/model';
import { hearKeys } from './debug/keys';
import { PicksPanel, type Pick } from './debug/picks_panel';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const panel = new PicksPanel(el, {
      label: trait(model, 'label'),
      gutter: trait(model, 'gutter'),
      onPick(index) {
        tell(model, { kind: 'pick', index, sequence: trait<{ sequence: number }>(model, '_shown').sequence });
      },
    });
    const keys = trait<string[]>(model, '_keys');
    const deaf =
      keys.length > 0
        ? hearKeys(panel.root, trait(model, '_pane'), keys, key => {
            tell(model, { kind: 'key', key });
          })
        : undefined;
    const show = (): void => {
      const shown = trait<{ rows: Pick[]; current: number }>(model, '_shown');
      panel.show(shown.rows, shown.current);
    };
    show();
    const ignore = observe(model, { 'change:_shown': show });
    restoreHearing(model);
    return () => {
      ignore();
      deaf?.();
      panel.dispose();
    };
  },
};
