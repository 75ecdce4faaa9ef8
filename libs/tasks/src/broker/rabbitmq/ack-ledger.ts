/** What to send to acknowledge the deliveries that have been settled. */
export interface AckPlan {
  /** Acknowledge everything up to this tag with `multiple`; null when the lowest open delivery is not settled. */
  upTo: number | null;
  /** Acknowledge each of these by itself. */
  singly: number[];
}

/**
 * The open delivery tags of one channel. `multiple` acknowledges all lower tags as well, so it may be used only for
 * the run of settled tags that starts at the lowest open one; whatever is settled above a gap goes singly.
 */
export class AckLedger {
  /** In the order of delivery, which is the order of the tags. */
  private readonly open = new Set<number>();
  private readonly settled = new Set<number>();

  /** How many deliveries have not been acknowledged or given back. */
  get size(): number {
    return this.open.size;
  }

  delivered(tag: number): void {
    this.open.add(tag);
  }

  settle(tag: number): void {
    if (this.open.has(tag)) this.settled.add(tag);
  }

  /**
   * Forgets a tag that is given back instead: it is open no longer.
   *
   * @returns false when it is not open, or settled: it may not be given back
   */
  release(tag: number): boolean {
    return !this.settled.has(tag) && this.open.delete(tag);
  }

  /** Takes all settled tags out of the ledger. */
  take(): AckPlan {
    let upTo: number | null = null;
    for (const tag of this.open) {
      if (!this.settled.delete(tag)) break;
      this.open.delete(tag);
      upTo = tag;
    }
    const singly = [...this.settled];
    for (const tag of singly) this.open.delete(tag);
    this.settled.clear();
    return { upTo, singly };
  }
}
