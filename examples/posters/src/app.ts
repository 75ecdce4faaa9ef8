import type { DynamicModule } from '@nestjs/common';
import { PosterTasksModule } from './poster-tasks.module.js';
import { rabbitMq } from './start.js';

/** The app as the command line takes it: `npx celeriac --app examples/posters/dist/app.js status`. */
export default function postersApp(): DynamicModule {
  const { BROKER_URL: brokerUrl, DATABASE_URL: databaseUrl } = process.env;
  if (databaseUrl === undefined || brokerUrl === undefined) {
    throw new RangeError('DATABASE_URL and BROKER_URL say where the tasks are.');
  }
  return PosterTasksModule.forRoot(databaseUrl, rabbitMq(brokerUrl));
}
