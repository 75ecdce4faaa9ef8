import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import {
  mergeTopologies,
  RabbitMqBroker,
  TaskRouter,
  taskTopology,
  type TaskAnnotations,
  type TaskContract,
  type TaskRoutes,
  type Topology,
} from '@celeriac/tasks';
import { sendEmail } from './contract/send-email.js';
import { mailEventTopology } from './events/event-topology.js';
import { NO_MAIL_EVENTS, type MailEventsOptions } from './events/mail-events-options.js';
import { InvalidSettingError } from './invalid-setting.error.js';
import { upkeepTasks } from './periodic/upkeep-tasks.js';
import { sendRecurring } from './recurring/send-recurring.js';
import { deliverWebhook } from './webhooks/deliver-webhook.js';

/** The task queues of the mail app. */
export function mailQueues({ webhooks } = NO_MAIL_EVENTS): string[] {
  const upkeepQueues = new Set(upkeepTasks.map(({ queue }) => queue));
  return [sendEmail.queue, ...upkeepQueues, ...(webhooks === null ? [] : [deliverWebhook.queue])];
}

/** The tasks of the mail app. */
export function mailTasks({ webhooks } = NO_MAIL_EVENTS): TaskContract[] {
  return [sendEmail, sendRecurring, ...upkeepTasks, ...(webhooks === null ? [] : [deliverWebhook])] as TaskContract[];
}

/** What TASK_ROUTES says, checked. @throws {@link InvalidSettingError} when a route makes no sense */
export function mailRoutes(taskRoutes: TaskRoutes, events = NO_MAIL_EVENTS): TaskRoutes {
  try {
    void new TaskRouter({ queues: mailQueues(events), taskRoutes });
    return taskRoutes;
  } catch (error) {
    throw new InvalidSettingError('TASK_ROUTES', (error as Error).message, { cause: error });
  }
}

/**
 * What TASK_ANNOTATIONS says, checked. The task that sends a mail says what became of it, so it is kept as long as the
 * mail, also where the retention of all tasks (`*`) is shorter.
 *
 * @throws {@link InvalidSettingError} when it asks for another retention of that task
 */
export function mailAnnotations(annotations: TaskAnnotations): TaskAnnotations {
  const own = annotations[sendEmail.name];
  if (own?.retention !== undefined && own.retention !== null) {
    const problem = `${sendEmail.name} retention: its task is kept as long as the mail. Set MAIL_RETENTION_DAYS instead.`;
    throw new InvalidSettingError('TASK_ANNOTATIONS', problem);
  }
  return { ...annotations, [sendEmail.name]: { ...own, retention: null } };
}

/** The queues, exchanges and bindings of the mail app. @throws {@link InvalidSettingError} when a pattern fits no event */
export function mailTopology(events: MailEventsOptions = NO_MAIL_EVENTS): Topology {
  return mergeTopologies(taskTopology(mailQueues(events)), mailEventTopology(events));
}

/** What {@link mailBroker} is told. */
export interface MailBrokerOptions {
  urls: string[];
  /** The certificate (PEM) of the CA that signed RabbitMQ's, for `amqps://`. */
  caFile?: string | undefined;
  /** @defaultValue nobody listens */
  events?: MailEventsOptions;
}

/** What a process of the mail app reaches RabbitMQ with. It connects at once, and again whenever it has to. */
export function mailBroker({ urls, caFile, events }: MailBrokerOptions): RabbitMqBroker {
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  return new RabbitMqBroker({ urls, ca, topology: mailTopology(events), log: new Logger('RabbitMQ') });
}
