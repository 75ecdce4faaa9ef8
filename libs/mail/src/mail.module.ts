import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { TaskClient } from '@celeriac/tasks';
import { MailComposer } from './compose/compose-mail.js';
import { sendEmail } from './contract/send-email.js';
import type { OnUncertain } from './sending/judge.js';
import { MailSender } from './sending/mail-sender.js';
import { MailServerGate } from './sending/mail-server-gate.js';
import { MailAcceptor } from './store/mail-acceptor.js';
import { MailBook } from './store/mail-book.js';
import { MailDecisions } from './store/mail-decisions.js';
import { MailSearch } from './store/mail-search.js';
import { MailServerTrouble } from './store/mail-server-trouble.js';
import { VerdictWriter } from './store/verdict-writer.js';
import { createMailTransport, type TransportOptions } from './transports/create-transport.js';
import type { MailTransport } from './transports/mail-transport.js';

const MAILS = [MailAcceptor, MailBook, MailDecisions, MailSearch, MailServerTrouble];

/** Accepting, looking up and deciding on mails: what the web app needs. */
@Module({ providers: MAILS, exports: MAILS })
export class MailModule {}

export interface MailSendingOptions {
  transport: TransportOptions;
  /** The sender's address. */
  from: string;
  /** Where `message.txt.hbs` and `message.html.hbs` are. */
  templatesFolder: string;
  onUncertain: OnUncertain;
}

/** The transport in use; tests look into it. */
export const MAIL_TRANSPORT = Symbol('MAIL_TRANSPORT');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<MailSendingOptions>()
  .setClassMethodName('forRoot')
  .build();

/** Sending mails: what the worker needs. */
@Module({
  imports: [MailModule],
  providers: [
    VerdictWriter,
    {
      provide: MAIL_TRANSPORT,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: ({ transport }: MailSendingOptions) => createMailTransport(transport),
    },
    {
      provide: MailSender,
      inject: [MODULE_OPTIONS_TOKEN, MailBook, MAIL_TRANSPORT, MailServerGate],
      useFactory: (options: MailSendingOptions, book: MailBook, transport: MailTransport, gate: MailServerGate) => {
        const composer = new MailComposer(options.templatesFolder, options.from);
        return new MailSender(book, composer, transport, gate, options.onUncertain);
      },
    },
    {
      provide: MailServerGate,
      inject: [MailServerTrouble, TaskClient],
      useFactory: (trouble: MailServerTrouble, tasks: TaskClient) =>
        new MailServerGate(trouble, new Logger('Mail'), (limit) => tasks.wakeSnoozed(sendEmail, limit)),
    },
  ],
  exports: [MailModule, MailSender, VerdictWriter, MAIL_TRANSPORT],
})
export class MailSendingModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  constructor(
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
    private readonly gate: MailServerGate,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.gate.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
