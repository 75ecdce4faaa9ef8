import { Wakeup } from './wakeup.js';

/** Work that is done at once, and then again and again with pauses between, until it is stopped. */
export class Loop {
  private readonly wakeup = new Wakeup();
  private running: Promise<void> | undefined;
  private isStopping = false;

  /**
   * @param round - does the work once, and does not reject
   * @returns after how many milliseconds it is to be done again
   */
  constructor(private readonly round: () => Promise<number>) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the pause, or leaves out the next one. */
  wake(): void {
    this.wakeup.wake();
  }

  /** Waits for a round that is under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wakeup.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      const pauseMs = await this.round();
      if (pauseMs > 0 && !this.isStopping) await this.wakeup.wait(pauseMs);
    }
  }
}
