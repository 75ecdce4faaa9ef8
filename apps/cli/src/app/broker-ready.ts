import type { Broker } from '@celeriac/tasks';

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
