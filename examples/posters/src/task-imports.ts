import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TasksModule, type Broker } from '@celeriac/tasks';
import { postersDatabase } from './database.js';
import { contracts, queues } from './posters.tasks.js';

/** What every process imports that sends or runs tasks. */
export function taskImports(databaseUrl: string, broker: Broker): DynamicModule[] {
  return [TypeOrmModule.forRoot(postersDatabase(databaseUrl)), TasksModule.forRoot({ broker, queues, contracts })];
}
