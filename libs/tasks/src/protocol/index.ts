export { DEAD_LETTER_HEADERS, sendersHeaders } from './dead-letter-headers.js';
export { continueTaskMessage, encodeTaskMessage, type TaskContinuation } from './encode-task-message.js';
export { decodeResultMessage, type ResultMessage } from './decode-result-message.js';
export { decodeTaskMessage } from './decode-task-message.js';
export { pythonException } from './python-exception.js';
export { argsRepr, pythonRepr } from './python-repr.js';
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
  PROTOCOL_HEADERS,
  type Embed,
  type MessageProperties,
  type TaskMessage,
  type TaskRequest,
} from './task-message.js';
export { UndecodableMessageError } from './undecodable-message.error.js';
