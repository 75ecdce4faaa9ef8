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
import { Calling1764000100000 } from './migrations/1764000100000-calling.js';
import { TaskReports1764000200000 } from './migrations/1764000200000-task-reports.js';
import { OutboxMandatory1764000300000 } from './migrations/1764000300000-outbox-mandatory.js';
import { RevokesAndRates1764000400000 } from './migrations/1764000400000-revokes-and-rates.js';
import { TaskRetention1764000500000 } from './migrations/1764000500000-task-retention.js';

/** For a DataSource's `entities`. */
export const taskEntities = [
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
  Calling1764000100000,
  TaskReports1764000200000,
  OutboxMandatory1764000300000,
  RevokesAndRates1764000400000,
  TaskRetention1764000500000,
];
