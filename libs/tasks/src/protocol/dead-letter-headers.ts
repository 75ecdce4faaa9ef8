/** What a dead letter of ours says of itself, beside the headers of its message. */
export const DEAD_LETTER_HEADERS = {
  reason: 'celeriac-dead-letter-reason',
  queue: 'celeriac-dead-letter-queue',
  exchange: 'celeriac-dead-letter-exchange',
  routingKey: 'celeriac-dead-letter-routing-key',
} as const;

const OURS: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_HEADERS));
/** What RabbitMQ writes into a message that it dead-letters, or delivers again. */
const RABBITMQS = /^x-((first-|last-)?death(-|$)|delivery-count$)/;

/** @returns the headers of a message as its sender gave them: without what was written into them when it died */
export function sendersHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.has(name) && !RABBITMQS.test(name)));
}
