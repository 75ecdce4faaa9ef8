import { mailEvents, type Configuration } from '@celeriac/config';
import { deliverWebhook, forgetOld, mailQueues } from '@celeriac/mail';
import type { TaskWorkerModuleOptions } from '@celeriac/tasks';

/** How the settings want the mail app's worker. */
export function workerOptions(configuration: Configuration): TaskWorkerModuleOptions {
  const events = mailEvents(configuration);
  return {
    queues: mailQueues(events),
    name: configuration.WORKER_NAME,
    concurrency: configuration.WORKER_CONCURRENCY,
    slots: {
      [forgetOld.queue]: 1,
      ...(events.webhooks === null ? {} : { [deliverWebhook.queue]: webhookSlots(configuration) }),
    },
    leaseMs: configuration.WORKER_LEASE * 1000,
    shutdownTimeoutMs: configuration.SHUTDOWN_TIMEOUT * 1000,
  };
}

/** Endpoints that are slow, or away, leave most places to mails. */
function webhookSlots({ WORKER_CONCURRENCY }: Configuration): number {
  return Math.max(1, Math.floor(WORKER_CONCURRENCY / 4));
}
