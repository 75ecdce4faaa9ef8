import { inspect } from 'node:util';

/**
 * Why a message could not be decoded:
 * `missing_task`, `missing_id` a required header is absent or empty; `header` a header has a wrong type or value;
 * `content_type`, `content_encoding` not the ones of JSON; `compression` unknown, or the bytes do not inflate;
 * `body_too_large` inflates beyond the limit; `body_json` not JSON; `body_depth` nested too deeply;
 * `body_shape` JSON, but not `[args, kwargs, embed]`.
 */
export type UndecodableReason =
  | 'missing_task'
  | 'missing_id'
  | 'header'
  | 'content_type'
  | 'content_encoding'
  | 'compression'
  | 'body_too_large'
  | 'body_json'
  | 'body_depth'
  | 'body_shape';

/** As much as a broken message tells about itself: null where the header is absent or no text. */
export interface MessageIdentity {
  taskId: string | null;
  taskName: string | null;
}

/** What the error is made from; `given` is shown shortened, and is left out for bodies, which may hold private data. */
export interface UndecodableDetails extends MessageIdentity {
  reason: UndecodableReason;
  field: string;
  problem: string;
  given?: unknown;
  cause?: unknown;
}

const GIVEN_MAX_LENGTH = 120;

/**
 * The bytes that came are no task message that can be run. Trying again cannot help: such a message is for the
 * dead-letter queue. Its text says what was wrong, where, and what was given.
 */
export class UndecodableMessageError extends Error {
  override readonly name = 'UndecodableMessageError';
  readonly reason: UndecodableReason;
  /** The part at fault: a header's name, a property (`content_type`), or `body`, `args`, `kwargs`, `embed`. */
  readonly field: string;
  readonly taskId: string | null;
  readonly taskName: string | null;

  constructor(details: UndecodableDetails) {
    const given = 'given' in details ? `, got ${preview(details.given)}` : '';
    super(`Undecodable message${who(details)}: ${details.field}: ${details.problem}${given}`, { cause: details.cause });
    this.reason = details.reason;
    this.field = details.field;
    this.taskId = details.taskId;
    this.taskName = details.taskName;
  }
}

function who({ taskName, taskId }: MessageIdentity): string {
  const known = [
    ...(taskName === null ? [] : [`task ${preview(taskName)}`]),
    ...(taskId === null ? [] : [`id ${preview(taskId)}`]),
  ];
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

function preview(value: unknown): string {
  const text = inspect(value, {
    depth: 2,
    breakLength: Infinity,
    maxArrayLength: 5,
    maxStringLength: GIVEN_MAX_LENGTH - 20,
  });
  return text.length > GIVEN_MAX_LENGTH ? `${text.slice(0, GIVEN_MAX_LENGTH - 3)}...` : text;
}
