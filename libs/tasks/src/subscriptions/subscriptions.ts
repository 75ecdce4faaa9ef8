import { Subscription, type SubscriptionOptions, type SubscriptionParts } from './subscription.js';

/** What an app listens to. Injectable; the `TasksModule` stops it with the app. */
export class Subscriptions {
  private readonly all: Array<Pick<Subscription<unknown>, 'stop'>> = [];

  constructor(private readonly parts: SubscriptionParts) {}

  /** Listens to a queue from now on; to be called in `onApplicationBootstrap`. */
  add<Body>(options: SubscriptionOptions<Body>): void {
    const subscription = new Subscription(this.parts, options);
    this.all.push(subscription);
    subscription.start();
  }

  /** Waits for what has come. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map((subscription) => subscription.stop()));
  }
}
