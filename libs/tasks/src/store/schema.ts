import type { MigrationInterface } from 'typeorm';
import { OutboxEntity } from './entities/outbox.entity.js';
import { TaskAttemptEntity } from './entities/task-attempt.entity.js';
import { TaskEntity } from './entities/task.entity.js';
import { WorkerEntity } from './entities/worker.entity.js';
import { Tasks1763683200000 } from './migrations/1763683200000-tasks.js';
import { TaskRetention1764000500000 } from './migrations/1764000500000-task-retention.js';

/** For a DataSource's `entities`. */
export const taskEntities = [TaskEntity, TaskAttemptEntity, OutboxEntity, WorkerEntity];

/** For a DataSource's `migrations`. */
export const taskMigrations: Array<new () => MigrationInterface> = [Tasks1763683200000, TaskRetention1764000500000];
