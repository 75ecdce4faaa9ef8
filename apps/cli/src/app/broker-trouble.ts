import type { Broker } from '@celeriac/tasks';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal/terminal.js';

/** RabbitMQ answers in some hundredths of a second when it is there. */
const PATIENCE_MS = 3000;

/** Waits until the broker can be published to, for a short while. @returns why it cannot, in one line; null when it can */
export async function brokerTrouble(broker: Broker): Promise<string | null> {
  if (broker.ready) return null;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(broker.trouble), PATIENCE_MS);
    broker.onReady(() => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}

/** Says that the broker is away, for commands that write a task down. */
export async function noteBrokerTrouble(broker: Broker, terminal: Terminal): Promise<void> {
  const trouble = await brokerTrouble(broker);
  if (trouble === null) return;
  terminal.note(`${trouble} The task is written down, and goes out when that has been mended.`);
}

/** @throws {@link CommandError} when the broker is away, for commands that can do nothing then */
export async function assertBrokerReady(broker: Broker): Promise<void> {
  const trouble = await brokerTrouble(broker);
  if (trouble !== null) throw new CommandError(ExitCode.unavailable, `${trouble} Nothing was done.`);
}
