import { Body, Controller, Get, Headers, HttpCode, NotFoundException, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  MailAcceptor,
  MailBook,
  MailDecisions,
  mailRequest,
  MailSearch,
  mailStatus,
  type MailAction,
  type MailRequest,
  type MailState,
} from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import { BadInputError } from '../http/bad-input.error.js';
import { MailActionPipe } from '../mails/mail-action.pipe.js';
import { MailIdPipe } from '../mails/mail-id.pipe.js';
import { checkedBody, checkedQuery } from './checked-input.js';
import { mailJson, mailPageJson } from './mail-json.js';
import { mailQuery, type MailQuery } from './mail-query.js';

const LONGEST_KEY = 255;

/** What is said of a mail that something was asked for. */
interface AcceptedJson {
  id: string;
  state: MailState;
}

/** Mails as JSON. */
@Controller('/api/mails')
export class MailsApiController {
  constructor(
    private readonly acceptor: MailAcceptor,
    private readonly book: MailBook,
    private readonly search: MailSearch,
    private readonly decisions: MailDecisions,
  ) {}

  @Post()
  @HttpCode(202)
  @RouteConfig({ rateLimit: {} })
  async send(
    @Body({ schema: mailRequest, pipes: [checkedBody] }) { to, subject, message }: MailRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedJson> {
    if (idempotencyKey?.length === 0 || (idempotencyKey?.length ?? 0) > LONGEST_KEY) {
      const detail = `An Idempotency-Key has 1 to ${LONGEST_KEY} characters.`;
      throw new BadInputError(400, [{ parameter: 'Idempotency-Key', detail }]);
    }
    const { id, fresh } = await this.acceptor.acceptRequest({ email: to, subject, msg: message }, idempotencyKey);
    void reply.header('location', `/api/mails/${id}`);
    return { id, state: fresh ? 'queued' : await this.stateOf(id) };
  }

  @Get()
  async list(@Query({ schema: mailQuery, pipes: [checkedQuery] }) query: MailQuery): Promise<object> {
    const { limit, before, after, ...filter } = query;
    const page = await this.search.page(filter, limit, { before, after });
    return mailPageJson(page, query);
  }

  @Get(':id')
  async find(@Param('id', MailIdPipe) id: string): Promise<object> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    return mailJson(record);
  }

  @Post(':id/:action')
  @HttpCode(202)
  @RouteConfig({ rateLimit: {} })
  async decide(
    @Param('id', MailIdPipe) id: string,
    @Param('action', MailActionPipe) action: MailAction,
  ): Promise<AcceptedJson> {
    await this.decisions.decide(id, action);
    return { id, state: await this.stateOf(id) };
  }

  private async stateOf(id: string): Promise<MailState> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    return mailStatus(record).state;
  }
}
