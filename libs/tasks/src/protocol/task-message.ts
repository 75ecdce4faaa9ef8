/**
 * The two shapes of a task message: what travels ({@link TaskMessage}) and what it means ({@link TaskRequest}).
 * Source: "Celery message protocol 2" (https://docs.celeryq.dev/en/stable/internals/protocol.html).
 */

/**
 * The AMQP properties that Celery's protocol uses. Others (`timestamp`, `type`, `userId` ...) are not kept, and
 * `expiration` is left out on purpose: with it the broker drops a message silently, without a trace for its sender.
 */
export interface MessageProperties {
  /** Exactly `application/json`; a `; charset=` is refused by Python workers. Absent only on foreign messages. */
  contentType?: string;
  /** `utf-8`; Python may also send `binary`, or nothing. */
  contentEncoding?: string;
  /** The task id, in every message that Celery sends. At most 255 bytes, as every AMQP short string. */
  correlationId?: string;
  /** Name of the queue that the result goes to over rpc; `''` or absent: nobody waits there. */
  replyTo?: string;
  /** 1 = kept in memory only, 2 = survives a restart of the broker. */
  deliveryMode?: 1 | 2;
  /** 0..255, higher first; has an effect only on queues with `x-max-priority`. */
  priority?: number;
  /** Ours: `<task id>.<generation>`. Celery sends none. */
  messageId?: string;
}

/** A task message as it goes over the wire. `headers` are not yet in the field table form (see `toFieldTable`). */
export interface TaskMessage {
  properties: MessageProperties;
  headers: Record<string, unknown>;
  /** Bytes of `[args, kwargs, embed]` in JSON; compressed when the header `compression` says so. */
  body: Buffer;
}

/** What follows a task: the third part of the body. Each is JSON, or null when there is none. */
export interface Embed {
  /** Signatures that are sent after success (`link`), with the result prepended to their args. */
  callbacks: unknown;
  /** Signatures that are sent after the final failure (`link_error`). */
  errbacks: unknown;
  /** What remains of a chain, in reverse: the next one is the last element. */
  chain: unknown;
  /** The signature of the body of the chord that this task is in the header of. */
  chord: unknown;
}

/** A task message decoded: everything that a worker or a monitor needs to know about one call of a task. */
export interface TaskRequest {
  /** Any text of 1 to {@link MAX_TASK_ID_BYTES} bytes; ours are UUIDv7. Stays the same over retries. */
  id: string;
  /** Registered name of the task (header `task`). */
  name: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  embed: Embed;
  /** Number of retries so far; 0 at first. */
  retries: number;
  /** The fence: rises with each message that continues the task. Null on messages of other producers. */
  generation: number | null;
  /** Not to be run before; null = at once. Celery's microseconds are cut to milliseconds. */
  eta: Date | null;
  /** Not to be started after; null = never expires. */
  expires: Date | null;
  /** Hard limit in seconds (`timelimit[0]`); null = the task's own. */
  timeLimitSeconds: number | null;
  /** Soft limit in seconds (`timelimit[1]`); null = the task's own. */
  softTimeLimitSeconds: number | null;
  /** Id of the first task of the tree; the own id for a task at the top. */
  rootId: string;
  /** Id of the task that sent this one. */
  parentId: string | null;
  /** Group id. */
  group: string | null;
  /** Position in the group; Python leaves it out for plain groups. */
  groupIndex: number | null;
  /** Name to show in place of `name`. */
  shadow: string | null;
  ignoreResult: boolean;
  /** Queue that the result goes to over rpc; null when nobody waits there. */
  replyTo: string | null;
  /** AMQP correlation id; null = none, and the id is sent in its place. */
  correlationId: string | null;
  /** AMQP priority, 0..255; null = none. */
  priority: number | null;
  /** Who sent it, `gen<pid>@<host>`. */
  origin: string | null;
  /** Language of the producer: `py`, `js`; what we send is always `js`. */
  lang: string | null;
  /** All header keys that are not the protocol's own ({@link PROTOCOL_HEADERS}), which travel flat among those. */
  userHeaders: Record<string, unknown>;
}

/** Name of our one header: the generation, an int32. */
export const GENERATION_HEADER = 'celeriac-generation';

/**
 * Header keys with a meaning of their own, which are thus no user headers. Those that only Celery 5.6 knows
 * (`stamps`, `stamped_headers`, `replaced_task_nesting`) are user headers to us: kept and passed on, not read.
 */
export const PROTOCOL_HEADERS: ReadonlySet<string> = new Set([
  'lang',
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
  'ignore_result',
  'compression',
  GENERATION_HEADER,
]);

/** Bytes that an id may have, so that `<id>.<generation>` still fits into an AMQP short string of 255 bytes. */
export const MAX_TASK_ID_BYTES = 244;

/** Levels of arrays and objects that a body or a header may have, the outermost included. */
export const MAX_NESTING = 100;

/** Largest value of an int32, which is how whole numbers in headers travel. */
export const MAX_INT32 = 2 ** 31 - 1;
