/** A task whose worker died while running it. */
export interface Suspect {
  run(): void;
  giveBack(): void;
}

/**
 * Has suspects run alone: one that brings down its worker again takes no other task with it. While one waits or runs,
 * the worker claims nothing; if the other runs do not end soon, the suspects are given back to come another time.
 */
export class Quarantine {
  private readonly held: Suspect[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isRunning = false;

  /** @param patienceMs - how long suspects wait for the other runs to end */
  constructor(private readonly patienceMs = 10_000) {}

  /** True while a suspect waits or runs. */
  get closed(): boolean {
    return this.isRunning || this.held.length > 0;
  }

  hold(suspect: Suspect): void {
    this.held.push(suspect);
    this.timer ??= setTimeout(() => this.giveBackAll(), this.patienceMs);
  }

  /** To be called whenever the number of runs may have changed: has the next suspect run once nothing else does. */
  advance(runCount: number): void {
    if (runCount > 0) return;
    const next = this.held.shift();
    this.isRunning = next !== undefined;
    if (this.held.length === 0) this.stopTimer();
    next?.run();
  }

  giveBackAll(): void {
    this.stopTimer();
    for (const suspect of this.held.splice(0)) suspect.giveBack();
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
