/** A run that could not be gone on with, and why. */
export interface ResumeError {
  id: string;
  name: string;
  error: unknown;
}

/** Runs that are being resumed, which takes a while; and errors, which stay until somebody has dismissed them. */
export class Resuming {
  private readonly waiting = new Set<string>();
  private readonly failed = new Map<string, ResumeError>();
  private readonly followers = new Set<() => void>();

  isWaiting(id: string): boolean {
    return this.waiting.has(id);
  }

  /** What went wrong, of all runs or of one. */
  errors(id?: string): ResumeError[] {
    return [...this.failed.values()].filter(each => id === undefined || each.id === id);
  }

  /** Go on with a run; it never rejects. Twice at the same time is once. */
  async resume(id: string, name: string, act: () => Promise<unknown>): Promise<void> {
    if (this.waiting.has(id)) return;
    this.waiting.add(id);
    this.failed.delete(id);
    this.tell();
    try {
      await act();
    } catch (error) {
      this.failed.set(id, { id, name, error });
    } finally {
      this.waiting.delete(id);
      this.tell();
    }
  }

  dismiss(id: string): void {
    if (this.failed.delete(id)) this.tell();
  }

  /** Be told of every change; gives what ends it. */
  follow(changed: () => void): () => void {
    this.followers.add(changed);
    return () => this.followers.delete(changed);
  }

  private tell(): void {
    for (const changed of this.followers) changed();
  }
}
