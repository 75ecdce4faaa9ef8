import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { RabbitMqBroker, taskTopology } from '@celeriac/tasks';
import { sendEmail } from './contract/send-email.js';

/** The task queues of the mail app. */
export const mailQueues = [sendEmail.queue];

/** The tasks of the mail app. */
export const mailTasks = [sendEmail];

/** The queues, exchanges and bindings of the mail app. */
export const mailTopology = taskTopology(mailQueues);

/**
 * What a process of the mail app reaches RabbitMQ with. It connects at once, and again whenever it has to.
 *
 * @param caFile - the certificate (PEM) of the CA that signed RabbitMQ's, for `amqps://`
 */
export function mailBroker(urls: string[], caFile?: string): RabbitMqBroker {
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  return new RabbitMqBroker({ urls, ca, topology: mailTopology, log: new Logger('RabbitMQ') });
}
