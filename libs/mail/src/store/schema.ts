import type { DataSourceOptions } from 'typeorm';
import { scheduleEntities, scheduleMigrations } from '@celeriac/schedule';
import { impatientPostgres, isStoreAway, taskEntities, taskMigrations } from '@celeriac/tasks';
import { MailEventEntity } from './entities/mail-event.entity.js';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import { MailServerTroubleEntity } from './entities/mail-server-trouble.entity.js';
import { MailEntity } from './entities/mail.entity.js';
import { Mails1763683300000 } from './migrations/1763683300000-mails.js';
import { MailTruth1763769600000 } from './migrations/1763769600000-mail-truth.js';
import { MailContent1763780000000 } from './migrations/1763780000000-mail-content.js';
import { MailEvents1764000240000 } from './migrations/1764000240000-mail-events.js';
import { MailRetention1764210000000 } from './migrations/1764210000000-mail-retention.js';

/** Everything that the mail app has in its database, tasks and schedules included: for a TypeORM DataSource. */
export const mailSchema = {
  entities: [
    ...taskEntities,
    ...scheduleEntities,
    MailEntity,
    MailEventEntity,
    MailRecipientEntity,
    MailServerTroubleEntity,
  ],
  migrations: [
    ...taskMigrations,
    ...scheduleMigrations,
    Mails1763683300000,
    MailTruth1763769600000,
    MailContent1763780000000,
    MailEvents1764000240000,
    MailRetention1764210000000,
  ],
};

/** How `TypeOrmModule` goes on when it cannot connect. */
interface Patience {
  toRetry(error: unknown): boolean;
  verboseRetryLog: boolean;
}

/** What a process of the mail app opens its database with. One that is away is tried again; one that refuses us is not. */
export function mailDatabase(url: string): DataSourceOptions & Patience {
  return {
    toRetry: isStoreAway,
    verboseRetryLog: true,
    type: 'postgres',
    url,
    ...mailSchema,
    ...impatientPostgres,
  };
}
