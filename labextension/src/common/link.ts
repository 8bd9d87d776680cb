import { tell, type Model } from './model';

/** The whole state at one moment: plain values, and bytes as views. */
export type Frame = Record<string, unknown>;

export interface Receiver {
  frame(frame: Frame): void;
  delta(content: Frame, buffers: readonly DataView[]): void;
  /** Anything else that was sent, such as a request to fit. */
  message(content: Frame): void;
}

/** Keeps count of the differences that came, to notice when one is missing. */
export class Sequence {
  private last = -1;

  frame(sequence: number): void {
    this.last = sequence;
  }

  delta(sequence: number): 'fresh' | 'known' | 'gap' {
    const previous = this.last;
    if (sequence <= previous) return 'known';
    this.last = sequence;
    return sequence === previous + 1 ? 'fresh' : 'gap';
  }
}

const PATIENCE = 1000;

/** Follow the state that Python sends; returns the way to stop. */
export function connect(model: Model, receiver: Receiver): () => void {
  const sequence = new Sequence();
  let asked = -Infinity;

  const ask = (): void => {
    const now = performance.now();
    if (now - asked < PATIENCE) return;
    asked = now;
    tell(model, { kind: 'hello' });
  };
  const takeFrame = (): void => {
    const frame = model.get('_frame') as Frame | undefined;
    if (typeof frame?.sequence !== 'number') return;
    sequence.frame(frame.sequence);
    receiver.frame(frame);
  };
  const hear = (content: Frame, buffers: readonly DataView[] = []): void => {
    if (content.kind !== 'delta') {
      receiver.message(content);
      return;
    }
    const place = sequence.delta(content.sequence as number);
    if (place === 'gap') ask();
    // Also after a gap: a difference says what is, not what changed by how much.
    if (place !== 'known') receiver.delta(content, buffers);
  };

  // For nobody to see, Python need send nothing.
  const view = Math.random().toString(36).slice(2);
  const tellSight = (): void => {
    tell(model, { kind: 'sight', view, seen: !document.hidden });
  };

  model.on('change:_frame', takeFrame);
  model.on('msg:custom', hear);
  document.addEventListener('visibilitychange', tellSight);
  takeFrame();
  tellSight();
  ask();
  return () => {
    document.removeEventListener('visibilitychange', tellSight);
    tell(model, { kind: 'sight', view, seen: false });
    model.off('change:_frame', takeFrame);
    model.off('msg:custom', hear);
  };
}
