import type { AsyncResult } from './async-result.js';
import type { OutgoingMessage } from './outgoing-message.js';
import type { ForeignTaskCall } from './task-client-options.js';
import type { TaskClient } from './task-client.js';

/** What of a {@link TaskClient} can be done in a transaction of the caller's. */
export interface TransactionalTaskClient extends Pick<
  TaskClient,
  'delay' | 'applyAsync' | 'sendTask' | 'enqueueMany' | 'broadcast'
> {
  /**
   * Sends many tasks whose code is elsewhere, in a few statements, each as `sendTask` does.
   *
   * @returns one result for each call, in their order
   * @throws {@link InvalidCallOptionError} when one of them cannot be sent
   */
  sendTasks(calls: readonly ForeignTaskCall[]): Promise<AsyncResult[]>;

  /**
   * Publishes messages of the app's own, in one statement: if the transaction commits they are sent, once the broker
   * can take them, and otherwise not. Each comes to its consumers at least once, and the same `message_id` says that it
   * is the same; they may overtake each other.
   *
   * @throws {@link InvalidMessageError} when one of them cannot be sent
   */
  publish(...messages: readonly OutgoingMessage[]): Promise<void>;
}
