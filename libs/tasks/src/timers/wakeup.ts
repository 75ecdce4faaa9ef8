/** A pause that can be cut short. A call that comes while nobody waits cuts the next pause. */
export class Wakeup {
  private pending = false;
  private resume: (() => void) | undefined;

  /** Resolves after `timeoutMs`, or as soon as {@link wake} is called. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.pending = false;
    this.resume = undefined;
  }

  wake(): void {
    this.pending = true;
    this.resume?.();
  }
}
