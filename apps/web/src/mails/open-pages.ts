import { Injectable, Optional, ServiceUnavailableException } from '@nestjs/common';

/** Of one process: each is a connection, and each change is rendered for each. */
const MOST_PAGES = 1000;
/** One client alone must not take them all. */
const MOST_PAGES_OF_ONE = 50;

/** Counts the pages that follow their mails, and says when there are enough. */
@Injectable()
export class OpenPages {
  private readonly counts = new Map<string, number>();
  private count = 0;

  constructor(
    @Optional() private readonly most = MOST_PAGES,
    @Optional() private readonly mostOfOne = MOST_PAGES_OF_ONE,
  ) {}

  /**
   * @param address - the client's
   * @throws ServiceUnavailableException when there are as many as there may be, in all or of this client
   */
  assertRoom(address: string): void {
    if ((this.counts.get(address) ?? 0) >= this.mostOfOne) {
      throw new ServiceUnavailableException(
        `At most ${this.mostOfOne} open pages of one address can follow their mails. Close some, or reload this one.`,
      );
    }
    if (this.count >= this.most) {
      throw new ServiceUnavailableException('Too many pages follow their mails just now. Reload this one to see more.');
    }
  }

  /** @returns what to call once when the page is closed */
  enter(address: string): () => void {
    this.add(address, 1);
    return () => this.add(address, -1);
  }

  private add(address: string, change: number): void {
    this.count += change;
    const count = (this.counts.get(address) ?? 0) + change;
    if (count === 0) this.counts.delete(address);
    else this.counts.set(address, count);
  }
}
