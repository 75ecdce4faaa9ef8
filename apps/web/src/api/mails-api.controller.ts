import { Body, Controller, Get, Headers, HttpCode, NotFoundException, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  mailActions,
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
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { BadInputError } from '../http/bad-input.error.js';
import { MailActionPipe } from '../mails/mail-action.pipe.js';
import { MailIdPipe } from '../mails/mail-id.pipe.js';
import { ApiProblems, MAIL_ID, NO_SUCH_MAIL, openApiSchema, schemaOf } from './api-docs.decorators.js';
import { checkedBody, checkedQuery } from './checked-input.js';
import { mailJson, mailPageJson } from './mail-json.js';
import { mailQuery, type MailQuery } from './mail-query.js';
import {
  decisionSchema,
  type AcceptedJson,
  type DecisionJson,
  type MailJson,
  type MailPageJson,
} from './mail-schemas.js';

const LONGEST_KEY = 255;

const GUARDED = { 403: 'sent by a page of somebody else', 429: 'too many of this address; see Retry-After' };

/** Mails as JSON. */
@ApiTags('Mails')
@Controller('/api/mails')
export class MailsApiController {
  constructor(
    private readonly acceptor: MailAcceptor,
    private readonly book: MailBook,
    private readonly search: MailSearch,
    private readonly decisions: MailDecisions,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'sendMail',
    summary: 'Send a mail',
    description: 'It is accepted when this is answered, and sent in the background.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key is the same mail: safe to be sent again when no answer came.',
    schema: { type: 'string', minLength: 1, maxLength: LONGEST_KEY },
  })
  @ApiAcceptedResponse({
    description: 'Accepted, now or before under the same key.',
    schema: schemaOf('Accepted'),
    headers: { Location: { description: 'Where all is told of it.', schema: { type: 'string' } } },
  })
  @ApiProblems({
    ...GUARDED,
    400: 'no JSON, or no such key',
    409: 'the key belongs to a mail with another content',
    413: 'larger than 1 MB',
    415: 'not application/json',
    422: 'a value is wrong; see errors',
  })
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
  @ApiOperation({ operationId: 'findMails', summary: 'Find mails', description: 'Newest first, in pages.' })
  @ApiOkResponse({ description: 'A page of them.', schema: schemaOf('MailPage') })
  @ApiProblems({ 400: 'a parameter is wrong; see errors' })
  async list(@Query({ schema: mailQuery, pipes: [checkedQuery] }) query: MailQuery): Promise<MailPageJson> {
    const { limit, before, after, ...filter } = query;
    const page = await this.search.page(filter, limit, { before, after });
    return mailPageJson(page, query);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getMail', summary: 'What became of a mail' })
  @ApiParam(MAIL_ID)
  @ApiOkResponse({ description: 'All that is known of it.', schema: schemaOf('Mail') })
  @ApiProblems(NO_SUCH_MAIL)
  async find(@Param('id', MailIdPipe) id: string): Promise<MailJson> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    return mailJson(record);
  }

  @Post(':id/:action')
  @ApiOperation({
    operationId: 'decideOnMail',
    summary: 'Send a mail again, cancel it, or note that it arrived',
    description:
      'resend: to those of whom it is not known that they have it, when nothing happens to it any more. cancel: while ' +
      'it waits. arrived: one that is uncertain.',
  })
  @ApiParam(MAIL_ID)
  @ApiParam({ name: 'action', enum: mailActions })
  @ApiBody({ required: false, schema: openApiSchema(decisionSchema, 'input') })
  @ApiAcceptedResponse({ description: 'Done.', schema: schemaOf('Accepted') })
  @ApiProblems({
    ...GUARDED,
    ...NO_SUCH_MAIL,
    409: 'not possible in its state, or sent again meanwhile',
    415: 'a body that is not JSON',
    422: 'a value is wrong; see errors',
  })
  @HttpCode(202)
  @RouteConfig({ rateLimit: {} })
  async decide(
    @Param('id', MailIdPipe) id: string,
    @Param('action', MailActionPipe) action: MailAction,
    @Body({ schema: decisionSchema, pipes: [checkedBody] }) decision: DecisionJson,
  ): Promise<AcceptedJson> {
    await this.decisions.decide(id, action, decision?.resends);
    return { id, state: await this.stateOf(id) };
  }

  private async stateOf(id: string): Promise<MailState> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    return mailStatus(record).state;
  }
}
