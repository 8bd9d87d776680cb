import { tell, type Model } from './model';

/** What is used here of the model of ipywidgets, which anywidget extends. */
interface Whole {
  comm?: { on_msg(callback: (message: unknown) => unknown): void };
  _handle_comm_msg(message: unknown): Promise<void>;
}

/**
 * Have a model hear its kernel, also if anywidget has given it up.
 *
 * anywidget gives a model two seconds to begin. If the page was busy for longer than that, each message to the model is
 * refused from then on, although its view is drawn and can send.
 */
export function restoreHearing(model: Model): void {
  // Whoever hears of a change is handed the model itself. The kernel ignores names that it does not know.
  const mend = (whole: Whole): void => {
    // Of a message that says nothing it is only told whether it was refused.
    whole._handle_comm_msg({ content: { data: {} } }).catch(() => {
      const base = Object.getPrototypeOf(Object.getPrototypeOf(whole)) as Whole;
      whole.comm?.on_msg(base._handle_comm_msg.bind(whole));
      tell(model, { kind: 'deaf' });
    });
  };
  model.on('change:_now', mend);
  model.set('_now', Date.now());
  model.off('change:_now', mend);
}
