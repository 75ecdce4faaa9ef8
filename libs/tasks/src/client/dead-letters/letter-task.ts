import {
  decodeTaskMessage,
  UndecodableMessageError,
  type TaskMessage,
  type TaskRequest,
} from '../../protocol/index.js';

/** What task a dead letter is of, as far as it says. */
export interface LetterTask {
  id: string | null;
  name: string | null;
  /** Null when the message is none that a worker of ours understands. */
  request: TaskRequest | null;
}

/** Reads of which task a dead letter is. */
export function letterTask(message: TaskMessage): LetterTask {
  try {
    const request = decodeTaskMessage(message);
    return { id: request.id, name: request.name, request };
  } catch (error) {
    const { taskId: id, taskName: name } = error as UndecodableMessageError;
    return { id, name, request: null };
  }
}
