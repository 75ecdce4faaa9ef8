import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 1000;

/**
 * Waits for RabbitMQ to answer, but not for long: over a line that is dead, or on a connection that it holds back, no
 * answer comes, and a stop may not wait for one. Errors are no matter: what they are about is being given up.
 */
export async function withPatience(answer: Promise<unknown> | undefined): Promise<void> {
  await Promise.race([answer?.catch(() => undefined), sleep(PATIENCE_MS, undefined, { ref: false })]);
}
