import type { Delivery } from '../broker/broker.js';
import type { InputSchema } from '../contract/define-task.js';
import { issueList, namesOf } from '../contract/schema-issue.js';

/** A message as a subscriber gets it. */
export interface ReceivedMessage<Body> {
  /** The same each time that the message comes; null for one that its sender gave none. */
  id: string | null;
  exchange: string;
  routingKey: string;
  headers: Record<string, unknown>;
  body: Body;
}

/** A message is not what its subscriber expects. */
export class UnexpectedMessageError extends Error {
  override readonly name = 'UnexpectedMessageError';
}

/**
 * @param schema - of the body, which is JSON
 * @throws {@link UnexpectedMessageError}
 */
export async function readMessage<Body>(
  { exchange, routingKey, message }: Delivery,
  schema: InputSchema<Body>,
): Promise<ReceivedMessage<Body>> {
  const checked = await schema['~standard'].validate(parsed(message.body));
  if (checked.issues !== undefined) {
    const issues = checked.issues.map(({ path, message: text }) => ({ path: namesOf(path).join('.'), message: text }));
    throw new UnexpectedMessageError(`It is not what its subscriber expects: ${issueList(issues, 'body')}`);
  }
  return {
    id: message.properties.messageId ?? null,
    exchange,
    routingKey,
    headers: message.headers,
    body: checked.value,
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new UnexpectedMessageError(`Its body is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
