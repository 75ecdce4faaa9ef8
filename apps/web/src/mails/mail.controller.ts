import {
  Body,
  Controller,
  Get,
  Inject,
  Ip,
  NotFoundException,
  Optional,
  Param,
  Post,
  Res,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  MailActionRefusedError,
  MailAuditLog,
  MailBook,
  MailDecisions,
  MailSentAgainError,
  type MailAction,
} from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import { defer, finalize, map, type Observable } from 'rxjs';
import { renderMailState } from '../http/views.js';
import { WEB_OPTIONS, type WebOptions } from '../web-options.js';
import { eventView } from './event-view.js';
import { LiveMails } from './live-mails.js';
import { MailActionPipe } from './mail-action.pipe.js';
import { mailEvents } from './mail-events.js';
import { MailIdPipe } from './mail-id.pipe.js';
import { mailView } from './mail-view.js';
import { OpenPages } from './open-pages.js';

const RELOAD_SECONDS = 3;

/** The page of one mail, and its buttons. */
@Controller('/mails/:id')
export class MailController {
  constructor(
    private readonly book: MailBook,
    private readonly decisions: MailDecisions,
    private readonly live: LiveMails,
    private readonly pages: OpenPages,
    @Inject(WEB_OPTIONS) private readonly options: WebOptions,
    @Optional() private readonly log?: MailAuditLog,
  ) {}

  @Get()
  async show(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.render(reply, 200, id);
  }

  @Post(':action')
  @RouteConfig({ rateLimit: {} })
  async decide(
    @Param('id', MailIdPipe) id: string,
    @Param('action', MailActionPipe) action: MailAction,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      await this.decisions.decide(id, action, seenResends(body));
      await reply.redirect(`/mails/${id}`, 303);
    } catch (error) {
      if (!(error instanceof MailActionRefusedError || error instanceof MailSentAgainError)) throw error;
      await this.render(reply, 409, id, error.message);
    }
  }

  /** The state of the mail as it changes, for its open pages: the markup of the part that shows it. */
  @Sse('events')
  async stream(
    @Param('id', MailIdPipe) id: string,
    @Ip() address: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Observable<MessageEvent>> {
    if ((await this.book.find(id)) === null) throw new NotFoundException();
    this.pages.assertRoom(address);
    const context = { from: this.options.from, csrfToken: reply.generateCsrf() };
    const views = this.live.watch(id).pipe(map((record) => mailView(record, context)));
    const events = mailEvents(views, renderMailState);
    return defer(() => {
      const leave = this.pages.enter(address);
      return events.pipe(finalize(leave));
    });
  }

  /** @param notice - why something that was asked for was not done */
  private async render(reply: FastifyReply, statusCode: number, id: string, notice?: string): Promise<void> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    const mail = mailView(record, { from: this.options.from, csrfToken: reply.generateCsrf() });
    const events = await this.log?.eventsOf(id);
    await reply
      .status(statusCode)
      .header('cache-control', 'no-store')
      .view('mails/show', {
        title: mail.title,
        active: 'mails',
        mail,
        log: events && { events: events.map(eventView) },
        notice,
        reload: mail.settled ? undefined : { seconds: RELOAD_SECONDS, url: mail.url },
      });
  }
}

/** How often the mail had been sent again when the page with the button was made. */
function seenResends(body: unknown): number | undefined {
  const given = typeof body === 'object' && body !== null && 'resends' in body ? body.resends : undefined;
  return typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : undefined;
}
