import type { TaskAnnotations } from '../contract/annotations.js';
import type { CallOptions } from '../contract/call-options.js';
import type { OutboxRelay } from '../outbox/outbox-relay.js';
import type { TaskRouter } from '../routes/task-router.js';
import type { TaskEndWriters } from '../store/task-end.js';

/** One call among several, with its own options. */
export interface TaskCall<Input> extends CallOptions {
  input: Input;
}

/** Options of a task whose code is elsewhere. What it returns is kept: its coming is how we hear that it has ended. */
export type SendTaskOptions = Omit<CallOptions, 'ignoreResult'>;

/** One call among several of tasks whose code is elsewhere. */
export interface ForeignTaskCall extends SendTaskOptions {
  /** That it is registered under there. */
  name: string;
  args?: unknown[];
  kwargs?: Record<string, unknown>;
}

/** What a {@link TaskClient} can do without. */
export interface TaskClientOptions {
  annotations?: TaskAnnotations;
  /** Says where tasks go. @defaultValue into the queues of their contracts, all of which are ours */
  router?: TaskRouter;
  /** Is woken for messages that it is to publish. */
  relay?: Pick<OutboxRelay, 'wake'>;
  /** What writes the ends of tasks. */
  ends?: { readonly writers: TaskEndWriters };
}
