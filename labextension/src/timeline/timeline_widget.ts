import { float64, uint32, uint8 } from '../common/bytes';
import { connect } from '../common/link';
import { observe, tell, trait, type Model } from '../common/model';
import type { Columns } from './bars';
import { TimelinePanel } from './timeline_panel';

/** The columns in the order in which Python packs them. */
const COLUMNS = ['quantum', 'lane', 'label', 'start', 'end', 'status'];

/** Bind a timeline to a widget model; returns the way to take it away. */
export function renderTimeline(model: Model, host: HTMLElement): () => void {
  const panel = new TimelinePanel(host, {
    label: trait(model, 'label'),
    height: trait(model, 'height'),
    onSelect(quantum) {
      model.set('selected', quantum);
      model.save_changes();
    },
    onRest(quantum) {
      tell(model, { kind: 'describe', index: quantum });
    },
  });
  const observers: Record<string, () => void> = {
    'change:lanes': names,
    'change:labels': names,
    'change:live': () => {
      panel.setLive(trait(model, 'live'));
    },
    'change:critical_path': () => {
      panel.setCritical(trait(model, 'critical_path'));
    },
    'change:selected': () => {
      panel.select(trait(model, 'selected'));
    },
    'change:height': () => {
      panel.setHeight(trait(model, 'height'));
    },
  };
  function names(): void {
    panel.setNames(trait(model, 'lanes'), trait(model, 'labels'));
  }
  const disconnect = connect(model, {
    frame(frame) {
      const columns = read(COLUMNS.map(name => frame[name]));
      panel.reset();
      panel.putBars(Uint32Array.from(columns.quantum.keys()), columns);
      panel.addMemory(float64(frame.memory));
      panel.setNow(frame.now as number);
    },
    delta(content, buffers) {
      if (content.memory) panel.addMemory(float64(buffers[0]));
      else panel.putBars(uint32(buffers[0]), read(buffers.slice(1)));
      panel.setNow(content.now as number);
    },
    message(content) {
      if (content.kind === 'described') panel.describe(content.index as number, content.text as string);
    },
  });
  for (const observer of Object.values(observers)) observer();
  const ignore = observe(model, observers);
  return () => {
    disconnect();
    ignore();
    panel.dispose();
  };
}

/** Read the columns in that order. */
function read([quantum, lane, label, start, end, status]: readonly unknown[]): Columns {
  return {
    quantum: uint32(quantum),
    lane: uint32(lane),
    label: uint32(label),
    start: float64(start),
    end: float64(end),
    status: uint8(status),
  };
}
