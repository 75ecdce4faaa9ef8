import type { Publication, PublishOutcome } from '../../broker/broker.js';
import { MemoryBroker } from '../../broker/memory/memory-broker.js';

/**
 * A broker that nobody publishes to by himself, since it is never ready: tasks stay in the outbox until the kit runs
 * them, which publishes them all the same.
 */
export class HeldBroker extends MemoryBroker {
  override readonly ready: boolean = false;

  /** What goes to queues that are not the app's own is taken too: in production they are there. */
  override async publish(publication: Publication): Promise<PublishOutcome> {
    await super.publish(publication);
    return 'confirmed';
  }
}
