import { loadEnvironmentFile, mailBrokerSettings, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import type { TaskWorkerModuleOptions } from '@celeriac/tasks';
import type { DynamicModule } from '@nestjs/common';
import { MailTasksModule } from './mail-tasks.module.js';
import { workerOptions } from './worker-options.js';

/** The mail app as `celeriac --app` takes it: its tasks and their handlers, for the command line to run and to look at. */
export default function mailApp(): DynamicModule {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  return MailTasksModule.forRoot(configuration, mailBroker(mailBrokerSettings(configuration)));
}

/** What `celeriac worker` goes by, where its options do not say otherwise. */
export function worker(): TaskWorkerModuleOptions {
  loadEnvironmentFile();
  return workerOptions(readConfiguration(process.env));
}
