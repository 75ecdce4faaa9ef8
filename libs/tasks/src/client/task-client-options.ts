import type { TaskAnnotations } from '../contract/annotations.js';
import type { OutboxRelay } from '../outbox/outbox-relay.js';
import type { TaskEndWriters } from '../store/task-end.js';
import type { CallOptions } from './call-options.js';

/** One call among several, with its own options. */
export interface TaskCall<Input> extends CallOptions {
  input: Input;
}

/** Options of a task whose code is elsewhere. What it returns is kept: its coming is how we hear that it has ended. */
export type SendTaskOptions = Omit<CallOptions, 'ignoreResult'>;

/** What a {@link TaskClient} can do without. */
export interface TaskClientOptions {
  annotations?: TaskAnnotations;
  /** Our own queues. @defaultValue all there are */
  queues?: readonly string[];
  /** Is woken for messages that it is to publish. */
  relay?: Pick<OutboxRelay, 'wake'>;
  /** What writes the ends of tasks. */
  ends?: { readonly writers: TaskEndWriters };
}
