import { bindArgs } from '../../contract/bind-args.js';
import { checkInput } from '../../contract/check-input.js';
import type { TaskContract } from '../../contract/define-task.js';
import { GENERATION_HEADER, sendersHeaders, type TaskMessage, type TaskRequest } from '../../protocol/index.js';
import type { ReturnedLetter } from '../../store/dead-letter-store.js';
import type { UniqueKey } from '../../store/unique-key.js';
import { uniqueKeyOf } from '../unique-key.js';
import { deathOf } from './death.js';
import { letterTask } from './letter-task.js';

/**
 * The message of a dead letter as it goes back to where it came from: as its sender made it. That of a task begins
 * anew; its generation is the row's to say, and a task without a row is one that has never been seen here.
 *
 * @param contracts - by the names of their tasks
 * @returns null when it does not say where it came from
 */
export async function returnedLetter(
  message: TaskMessage,
  contracts: ReadonlyMap<string, TaskContract>,
): Promise<ReturnedLetter | null> {
  const { origin } = deathOf(message);
  if (origin === null) return null;
  const { exchange, routingKey } = origin;
  const { request } = letterTask(message);
  const sent = sendersHeaders(message.headers);
  const headers = request === null ? sent : { ...withoutGeneration(sent), retries: 0 };
  return {
    message: { exchange, routingKey, envelope: { properties: message.properties, headers }, body: message.body },
    task: request && { id: request.id, generation: request.generation, retries: request.retries },
    unique: request && (await uniqueKey(contracts.get(request.name), request)),
  };
}

function withoutGeneration({ [GENERATION_HEADER]: _generation, ...headers }: Record<string, unknown>) {
  return headers;
}

/** Input that is not as it should be makes no key: its task will not get as far as its handler. */
async function uniqueKey(contract: TaskContract | undefined, request: TaskRequest): Promise<UniqueKey | null> {
  if (contract === undefined || contract.uniqueFor === null) return null;
  try {
    return uniqueKeyOf(contract, await checkInput(contract, bindArgs(contract, request.args, request.kwargs)));
  } catch {
    return null;
  }
}
