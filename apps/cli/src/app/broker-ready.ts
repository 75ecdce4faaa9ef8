import type { Broker } from '@celeriac/tasks';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';

/** RabbitMQ answers in some hundredths of a second when it is there. */
const PATIENCE_MS = 3000;

/** Waits until the broker can be published to, for a short while. @returns whether it can */
export async function brokerReady(broker: Broker): Promise<boolean> {
  if (broker.ready) return true;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE_MS);
    broker.onReady(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** @throws {@link CommandError} when the broker is away, for commands that can do nothing then */
export async function assertBrokerReady(broker: Broker): Promise<void> {
  if (await brokerReady(broker)) return;
  throw new CommandError(ExitCode.unavailable, 'RabbitMQ is away: nothing was done.');
}
