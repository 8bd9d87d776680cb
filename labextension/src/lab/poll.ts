const REST = 6;

/** Seconds until the next look: what goes on is looked at more often than what seems to be over. */
export function pace(goesOn: boolean, refreshSeconds: number): number {
  return goesOn ? refreshSeconds : Math.max(REST, refreshSeconds);
}

/** Does something again and again, as long as somebody sees it. */
export class Poll {
  private timer = 0;
  private busy = false;
  private stopped = false;

  constructor(
    private readonly act: () => Promise<number>,
    private readonly seen: () => boolean,
  ) {
    document.addEventListener('visibilitychange', this.wake);
  }

  /** Do it now; how many seconds until the next time, it says itself. */
  readonly wake = (): void => {
    clearTimeout(this.timer);
    if (this.stopped || this.busy) return;
    if (document.hidden || !this.seen()) return;
    this.busy = true;
    void this.act()
      .catch(() => 10)
      .then(seconds => {
        this.busy = false;
        if (!this.stopped && seconds > 0) this.timer = window.setTimeout(this.wake, seconds * 1000);
      });
  };

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.wake);
  }
}
