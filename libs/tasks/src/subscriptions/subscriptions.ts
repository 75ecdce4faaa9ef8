import { Subscription, type SubscriptionOptions, type SubscriptionParts } from './subscription.js';

/** What an app listens to. Injectable; it begins with the app's worker, and the `TasksModule` stops it. */
export class Subscriptions {
  private readonly all: Array<Pick<Subscription<unknown>, 'start' | 'stop'>> = [];
  private isStarted = false;

  constructor(private readonly parts: SubscriptionParts) {}

  /** Listens to a queue, in every process that runs tasks. */
  add<Body>(options: SubscriptionOptions<Body>): void {
    const subscription = new Subscription(this.parts, options);
    this.all.push(subscription);
    if (this.isStarted) subscription.start();
  }

  start(): void {
    this.isStarted = true;
    for (const subscription of this.all) subscription.start();
  }

  /** Waits for what has come. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map((subscription) => subscription.stop()));
  }
}
