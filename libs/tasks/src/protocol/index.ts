export { continueTaskMessage, encodeTaskMessage, type TaskContinuation } from './encode-task-message.js';
export { decodeResultMessage, type ResultMessage } from './decode-result-message.js';
export { decodeTaskMessage } from './decode-task-message.js';
export { formatIsoMicros, parseIso } from './iso-times.js';
export { argsRepr, kwargsRepr, pythonRepr, REPR_MAX_LENGTH } from './python-repr.js';
export {
  GENERATION_HEADER,
  MAX_NESTING,
  MAX_TASK_ID_BYTES,
  PROTOCOL_HEADERS,
  type Embed,
  type HeaderValue,
  type MessageProperties,
  type TaskMessage,
  type TaskRequest,
} from './task-message.js';
export { UndecodableMessageError, type UndecodableReason } from './undecodable-message.error.js';
