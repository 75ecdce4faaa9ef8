import type { DataSourceOptions } from 'typeorm';
import { taskEntities, taskMigrations } from '@celeriac/tasks';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import { MailEntity } from './entities/mail.entity.js';
import { Mails1763683300000 } from './migrations/1763683300000-mails.js';

/** A database that cannot be reached says so while somebody still waits for it. */
const CONNECT_TIMEOUT_MS = 3000;
/** No statement of ours takes this long: the link is dead, though nobody has said so. */
const QUERY_TIMEOUT_MS = 10_000;

/** Everything that the mail app has in its database, the tasks included: for a TypeORM DataSource. */
export const mailSchema = {
  entities: [...taskEntities, MailEntity, MailRecipientEntity],
  migrations: [...taskMigrations, Mails1763683300000],
};

/** What a process of the mail app opens its database with. */
export function mailDatabase(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    ...mailSchema,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: { query_timeout: QUERY_TIMEOUT_MS, keepAlive: true },
  };
}
