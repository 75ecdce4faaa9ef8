import type { TaskContract } from '../../contract/define-task.js';
import { HIDDEN, shownArguments } from '../../contract/secrets.js';
import type { TaskMessage } from '../../protocol/index.js';
import type { LetterTask } from './letter-task.js';

/**
 * What is in the body of a dead letter: the arguments of a task and what follows it, the text where it is none, null
 * where it is no text either. `***` is in place of what its contract keeps secret.
 */
export type DeadLetterBody = { args: unknown[]; kwargs: Record<string, unknown>; embed: unknown } | string | null;

/** The contracts that keep something secret, by the names of their tasks. */
export type Secrets = ReadonlyMap<string, Pick<TaskContract, 'args' | 'secret'>>;

/** @returns the contracts that keep something secret */
export function secretsOf(contracts: readonly TaskContract[]): Secrets {
  return new Map(contracts.filter(({ secret = [] }) => secret.length > 0).map((contract) => [contract.name, contract]));
}

/** The body, without what is secret in it. */
export function shownBody({ body }: TaskMessage, { name, request }: LetterTask, secrets: Secrets): DeadLetterBody {
  const contract = secrets.get(name ?? '');
  if (request === null) return contract === undefined ? shownText(body, secrets) : HIDDEN;
  const { args, kwargs, embed } = request;
  const shown = contract === undefined ? { args, kwargs } : shownArguments(contract, request);
  return { ...shown, embed: namesSecretTask(JSON.stringify(embed), secrets) ? HIDDEN : embed };
}

/**
 * The headers but for RabbitMQ's count of deliveries: of a dead letter those are the looks at it. Other producers do
 * not know what is secret here, and have it in the headers that show the arguments.
 */
export function shownHeaders(message: TaskMessage, { name }: LetterTask, secrets: Secrets): Record<string, unknown> {
  const { 'x-delivery-count': _looks, ...headers } = message.headers;
  if (!secrets.has(name ?? '')) return headers;
  const hidden = ['argsrepr', 'kwargsrepr'].filter((header) => Object.hasOwn(headers, header));
  return { ...headers, ...Object.fromEntries(hidden.map((header) => [header, HIDDEN])) };
}

function shownText(body: Buffer, secrets: Secrets): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return namesSecretTask(text, secrets) ? HIDDEN : text;
  } catch {
    return null;
  }
}

/** Where the arguments of a task stand in a text that only may hold them, nobody knows: then all of it is secret. */
function namesSecretTask(text: string, secrets: Secrets): boolean {
  return [...secrets.keys()].some((name) => text.includes(name));
}
