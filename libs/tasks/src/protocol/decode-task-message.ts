import { decodeBody } from './decode-body.js';
import { HeaderReader } from './header-reader.js';
import { GENERATION_HEADER, MAX_TASK_ID_BYTES, type TaskMessage, type TaskRequest } from './task-message.js';
import { UndecodableMessageError, type MessageIdentity } from './undecodable-message.error.js';

const CONTENT_TYPE = 'application/json';
const CONTENT_ENCODINGS = new Set(['utf-8', 'binary', undefined]);

/**
 * Decodes a task message of any producer ("Celery message protocol 2"). Only `task`, `id`, the content type and the
 * body are required; the defaults of all else: `retries` 0, `root_id` the own id, `ignore_result` false, null.
 *
 * What comes back shares nothing with the message but header values that are objects.
 *
 * @throws UndecodableMessageError for everything that is no task message to us; nothing else is thrown.
 */
export function decodeTaskMessage(message: TaskMessage): TaskRequest {
  const identity = identify(message.headers);
  const read = new HeaderReader(message.headers, identity);
  const { id, name } = readRequired(read, identity);
  assertJson(message, identity);
  const [timeLimitSeconds, softTimeLimitSeconds] = read.timeLimits();
  return {
    id,
    name,
    retries: read.count('retries') ?? 0,
    generation: read.count(GENERATION_HEADER),
    eta: read.time('eta'),
    expires: read.time('expires'),
    timeLimitSeconds,
    softTimeLimitSeconds,
    rootId: read.text('root_id') ?? id,
    parentId: read.text('parent_id'),
    group: read.text('group'),
    groupIndex: read.count('group_index'),
    shadow: read.text('shadow'),
    ignoreResult: read.flag('ignore_result'),
    // Python without a result backend sends an empty reply_to.
    replyTo: message.properties.replyTo || null,
    correlationId: message.properties.correlationId || null,
    priority: message.properties.priority ?? null,
    origin: read.text('origin'),
    lang: read.text('lang'),
    userHeaders: read.userHeaders(),
    ...decodeBody(message.body, read.text('compression'), identity),
  };
}

function identify(headers: Record<string, unknown>): MessageIdentity {
  const textOf = (name: string) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : null;
    return typeof value === 'string' ? value : null;
  };
  return { taskId: textOf('id'), taskName: textOf('task') };
}

function readRequired(read: HeaderReader, identity: MessageIdentity): { id: string; name: string } {
  const name = read.text('task');
  if (!name) {
    const problem = 'the header is missing or empty (Celery protocol 1 is not understood)';
    throw new UndecodableMessageError({ ...identity, reason: 'missing_task', field: 'task', problem });
  }
  const id = read.text('id');
  if (!id) {
    const problem = 'the header is missing or empty';
    throw new UndecodableMessageError({ ...identity, reason: 'missing_id', field: 'id', problem });
  }
  if (Buffer.byteLength(id) > MAX_TASK_ID_BYTES) {
    const problem = `must not be longer than ${MAX_TASK_ID_BYTES} bytes`;
    throw new UndecodableMessageError({ ...identity, reason: 'header', field: 'id', problem, given: id });
  }
  return { id, name };
}

function assertJson(message: TaskMessage, identity: MessageIdentity): void {
  const { contentType, contentEncoding } = message.properties;
  if (contentType !== CONTENT_TYPE) {
    throw new UndecodableMessageError({
      ...identity,
      reason: 'content_type',
      field: 'content_type',
      problem: `must be exactly ${CONTENT_TYPE}`,
      given: contentType,
    });
  }
  if (!CONTENT_ENCODINGS.has(contentEncoding?.toLowerCase())) {
    throw new UndecodableMessageError({
      ...identity,
      reason: 'content_encoding',
      field: 'content_encoding',
      problem: 'must be utf-8, binary or absent',
      given: contentEncoding,
    });
  }
}
