import type { MigrationInterface } from 'typeorm';
import { OutboxEntity } from './entities/outbox.entity.js';
import { RateBucketEntity } from './entities/rate-bucket.entity.js';
import { RateLimitEntity } from './entities/rate-limit.entity.js';
import { RevokedTaskEntity } from './entities/revoked-task.entity.js';
import { TaskAttemptEntity } from './entities/task-attempt.entity.js';
import { TaskEntity } from './entities/task.entity.js';
import { UniqueTaskEntity } from './entities/unique-task.entity.js';
import { WorkerEntity } from './entities/worker.entity.js';
import { Tasks1763683200000 } from './migrations/1763683200000-tasks.js';
import { CallsAndRuns1764000100000 } from './migrations/1764000100000-calls-and-runs.js';
import { Standings1764000200000 } from './migrations/1764000200000-standings.js';
import { SentBack1764000210000 } from './migrations/1764000210000-sent-back.js';
import { WorkerTasks1764000220000 } from './migrations/1764000220000-worker-tasks.js';

/** For a DataSource's `entities`. */
export const taskEntities: Array<new () => object> = [
  OutboxEntity,
  RateBucketEntity,
  RateLimitEntity,
  RevokedTaskEntity,
  TaskAttemptEntity,
  TaskEntity,
  UniqueTaskEntity,
  WorkerEntity,
];

/** For a DataSource's `migrations`. */
export const taskMigrations: Array<new () => MigrationInterface> = [
  Tasks1763683200000,
  CallsAndRuns1764000100000,
  Standings1764000200000,
  SentBack1764000210000,
  WorkerTasks1764000220000,
];
