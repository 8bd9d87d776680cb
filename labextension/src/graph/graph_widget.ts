import { keepFocus } from '../common/focus_keeper';
import { connect, type Frame } from '../common/link';
import { observe, trait, type Model } from '../common/model';
import { GraphPanel } from './graph_panel';
import type { Counts, Scene } from './scene';

/** Bind a graph to a widget model; returns the way to take it away. */
export function renderGraph(model: Model, host: HTMLElement): () => void {
  const panel = new GraphPanel(host, {
    label: trait(model, 'label'),
    height: trait(model, 'height'),
    onSelect(id) {
      model.set('selected', id);
      model.save_changes();
    },
  });
  const show = (): void => {
    panel.setScene(structuredClone(trait<Scene>(model, 'scene')));
    const counts = trait<Frame>(model, '_frame').counts as Record<string, Counts> | undefined;
    if (counts) panel.setCounts(counts);
    panel.select(trait(model, 'selected'));
  };
  show();
  const ignore = observe(model, {
    'change:scene': show,
    'change:selected'() {
      panel.select(trait(model, 'selected'));
    },
    'change:height'() {
      panel.setHeight(trait(model, 'height'));
    },
  });
  const letFocusGo = keepFocus(host, '.jmpx-panel');
  const disconnect = connect(model, {
    frame(frame) {
      panel.setCounts(frame.counts as Record<string, Counts>);
    },
    delta(content) {
      panel.setCounts(content.counts as Record<string, Counts>);
    },
    message(content) {
      if (content.kind === 'search') panel.search(content.text as string);
      if (content.kind === 'fit') panel.fit();
    },
  });
  return () => {
    disconnect();
    letFocusGo();
    ignore();
    panel.dispose();
  };
}
