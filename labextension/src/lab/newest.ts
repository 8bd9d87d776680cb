/**
 * Work that is asked for more often than it can be done, such as drawing what somebody types: one piece at a time, and
 * of what was asked for meanwhile only the last.
 */
export class Newest {
  private running: Promise<void> | undefined;
  private isAsked = false;

  /**
   * @param work what to do; it is told by a function whether it was asked for again meanwhile, so that what it found is old.
   */
  constructor(private readonly work: (isOld: () => boolean) => Promise<void>) {}

  /** Ask for it; settles when there is nothing left to do. */
  ask(): Promise<void> {
    this.isAsked = true;
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.isAsked) {
        this.isAsked = false;
        await this.work(() => this.isAsked);
      }
    } finally {
      this.running = undefined;
    }
  }
}
