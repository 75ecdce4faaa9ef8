import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { MAX_RECIPIENTS, tooMany, typedAddress } from './contract/addresses.js';
import { InvalidSettingError } from './invalid-setting.error.js';
import { MailModule } from './mail.module.js';
import { DailyDigest } from './periodic/daily-digest.js';
import type { MailPeriodicOptions } from './periodic/mail-periodic-options.js';
import { MailRetention } from './periodic/mail-retention.js';
import { UncertainReminder } from './periodic/uncertain-reminder.js';
import { MailAcceptor } from './store/mail-acceptor.js';

const PARTS = [MailRetention, DailyDigest, UncertainReminder];

/** What the mail app does again and again: for the workers. */
@Module({})
export class MailPeriodicModule {
  /** @throws {@link InvalidSettingError} when a digest cannot be sent to an address */
  static forRoot(given: MailPeriodicOptions): DynamicModule {
    const options = { ...given, digestTo: recipientsOf(given.digestTo) };
    const logger = new Logger('Mail');
    return {
      module: MailPeriodicModule,
      imports: [MailModule],
      providers: [
        {
          provide: MailRetention,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new MailRetention(dataSource, options),
        },
        {
          provide: DailyDigest,
          inject: [DataSource, MailAcceptor],
          useFactory: (dataSource: DataSource, acceptor: MailAcceptor) =>
            new DailyDigest(dataSource, acceptor, options),
        },
        {
          provide: UncertainReminder,
          inject: [DataSource, MailAcceptor],
          useFactory: (dataSource: DataSource, acceptor: MailAcceptor) =>
            new UncertainReminder(dataSource, acceptor, options, logger),
        },
      ],
      exports: PARTS,
    };
  }
}

function recipientsOf(digestTo: readonly string[]): string[] {
  const { data, error } = z.array(typedAddress).max(MAX_RECIPIENTS, tooMany(digestTo.length)).safeParse(digestTo);
  if (error === undefined) return [...new Set(data)];
  throw new InvalidSettingError('DIGEST_TO', error.issues.map(({ message }) => message).join(' '));
}
