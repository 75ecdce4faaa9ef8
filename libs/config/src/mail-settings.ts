import type { Configuration } from './configuration.js';
import { mailEvents } from './mail-events.js';
import { mailPeriodic } from './mail-periodic.js';

/** What every process of the mail app is told, as `MailAppModule` of libs/mail takes it. */
export function mailAppSettings(configuration: Configuration) {
  return {
    databaseUrl: configuration.DATABASE_URL,
    events: mailEvents(configuration),
    periodic: mailPeriodic(configuration),
    annotations: configuration.TASK_ANNOTATIONS,
    taskRoutes: configuration.TASK_ROUTES,
    reconcileAfterMs: configuration.RECONCILE_AFTER * 1000,
  };
}

/** How RabbitMQ is reached, as `mailBroker` of libs/mail takes it. */
export function mailBrokerSettings(configuration: Configuration) {
  const { BROKER_URL: urls, BROKER_CA_FILE: caFile } = configuration;
  return { urls, caFile, events: mailEvents(configuration) };
}
