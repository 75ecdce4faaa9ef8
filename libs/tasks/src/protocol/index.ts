export { continueTaskMessage, encodeTaskMessage, type TaskContinuation } from './encode-task-message.js';
export { decodeResultMessage, type ResultMessage } from './decode-result-message.js';
export { decodeTaskMessage } from './decode-task-message.js';
export { formatIsoMicros, parseIso } from './iso-times.js';
export { pythonException } from './python-exception.js';
export { argsRepr, kwargsRepr, pythonRepr, REPR_MAX_LENGTH } from './python-repr.js';
export { encodeResultMessage, type PythonException, type ResultTuple, type TaskResult } from './result-message.js';
export {
  InvalidSignatureError,
  readSignature,
  readSignatureOptions,
  signatureList,
  type Signature,
  type SignatureOptions,
} from './signature.js';
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
