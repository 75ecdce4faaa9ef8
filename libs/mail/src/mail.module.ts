import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MailComposer } from './compose/compose-mail.js';
import type { OnUncertain } from './sending/judge.js';
import { MailSender } from './sending/mail-sender.js';
import { MailAcceptor } from './store/mail-acceptor.js';
import { MailBook } from './store/mail-book.js';
import { MailSearch } from './store/mail-search.js';
import { VerdictWriter } from './store/verdict-writer.js';
import { createMailTransport, type TransportOptions } from './transports/create-transport.js';
import type { MailTransport } from './transports/mail-transport.js';

/** Accepting and looking up mails: what the web app needs. */
@Module({ providers: [MailAcceptor, MailBook, MailSearch], exports: [MailAcceptor, MailBook, MailSearch] })
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
      inject: [MODULE_OPTIONS_TOKEN, MailBook, MAIL_TRANSPORT],
      useFactory: (options: MailSendingOptions, book: MailBook, transport: MailTransport) =>
        new MailSender(book, new MailComposer(options.templatesFolder, options.from), transport, options.onUncertain),
    },
  ],
  exports: [MailSender, VerdictWriter, MAIL_TRANSPORT],
})
export class MailSendingModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(MAIL_TRANSPORT) private readonly transport: MailTransport) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
