/** A clock that stands still until it is moved on. It starts at the real time. */
export class VirtualClock {
  private nowMs = Date.now();

  /** Milliseconds since 1970. */
  readonly now = (): number => this.nowMs;

  moveOn(byMs: number): void {
    this.nowMs += byMs;
  }
}
