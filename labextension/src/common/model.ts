/** What a view needs of the widget model that anywidget hands it. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...values: never[]) => void): void;
  off(event: string, callback: (...values: never[]) => void): void;
  send(content: unknown): void;
}

/** Read a trait whose type is known from the Python side. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it says what Python promises
export function trait<T>(model: Model, name: string): T {
  return model.get(name) as T;
}

/** Send something, if there is a kernel to send it to. */
export function tell(model: Model, content: unknown): void {
  try {
    model.send(content);
  } catch {
    // Without a kernel, what the page has is shown.
  }
}

/** Call observers when their events come; returns the way to end it. */
export function observe(model: Model, observers: Record<string, () => void>): () => void {
  const each = (act: 'on' | 'off'): void => {
    for (const [event, observer] of Object.entries(observers)) model[act](event, observer);
  };
  each('on');
  return () => {
    each('off');
  };
}
