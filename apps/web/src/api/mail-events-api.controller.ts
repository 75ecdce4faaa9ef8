import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { MailAuditLog, MailBook } from '@celeriac/mail';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { MailIdPipe } from '../mails/mail-id.pipe.js';
import { ApiProblems, MAIL_ID, NO_SUCH_MAIL, schemaOf } from './api-docs.decorators.js';
import type { MailEventsJson } from './mail-schemas.js';

/** The audit log as JSON. Not there while there is none. */
@ApiTags('Mails')
@Controller('/api/mails/:id/events')
export class MailEventsApiController {
  constructor(
    private readonly book: MailBook,
    private readonly log: MailAuditLog,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getMailEvents',
    summary: 'What happened to a mail, event by event',
    description: 'Written down a moment after it has happened.',
  })
  @ApiParam(MAIL_ID)
  @ApiOkResponse({ description: 'Its events.', schema: schemaOf('MailEvents') })
  @ApiProblems(NO_SUCH_MAIL)
  async list(@Param('id', MailIdPipe) id: string): Promise<MailEventsJson> {
    if ((await this.book.find(id)) === null) throw new NotFoundException();
    return { events: await this.log.eventsOf(id) };
  }
}
