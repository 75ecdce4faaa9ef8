import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { RecurringMails, RecurringRuns } from '@celeriac/mail';
import { InvalidEntryError } from '@celeriac/schedule';
import type { FastifyReply } from 'fastify';
import { MailIdPipe } from '../mails/mail-id.pipe.js';
import { recurringItem, recurringView } from './recurring-view.js';

const PAGE_SIZE = 25;
const LAST_PAGE = 10_000;
const NEXT_TIMES = 5;
const LAST_RUNS = 5;

/** The pages of recurring mails, and their buttons. */
@Controller('/mails/recurring')
export class RecurringController {
  constructor(
    private readonly mails: RecurringMails,
    private readonly runs: RecurringRuns,
  ) {}

  @Get()
  async list(@Query('page') page: unknown, @Res() reply: FastifyReply): Promise<void> {
    const number = pageNumber(page);
    const { mails, hasMore } = await this.mails.page((number - 1) * PAGE_SIZE, PAGE_SIZE);
    const lastRuns = new Map((await this.runs.last(mails)).map((run) => [run.recurringId, run]));
    const items = mails.map((mail) => recurringItem(mail, lastRuns.get(mail.id)));
    await reply.header('cache-control', 'no-store').view('recurring/index', {
      title: 'Recurring mails',
      active: 'recurring',
      mails: items,
      isOverdue: items.some(({ state }) => state.key === 'overdue'),
      newerUrl: number > 1 ? `/mails/recurring?page=${number - 1}` : null,
      olderUrl: hasMore ? `/mails/recurring?page=${number + 1}` : null,
    });
  }

  @Get(':id')
  async show(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.render(reply, 200, id);
  }

  @Post(':id/pause')
  @RouteConfig({ rateLimit: {} })
  async pause(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.mails.pause(id);
    await reply.redirect(`/mails/recurring/${id}`, 303);
  }

  @Post(':id/resume')
  @RouteConfig({ rateLimit: {} })
  async resume(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    try {
      await this.mails.resume(id);
      await reply.redirect(`/mails/recurring/${id}`, 303);
    } catch (error) {
      if (!(error instanceof InvalidEntryError)) throw error;
      await this.render(reply, 409, id, error.message);
    }
  }

  @Get(':id/delete')
  async askToDelete(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    const mail = recurringItem(await this.mails.get(id), undefined);
    await reply.header('cache-control', 'no-store').view('recurring/delete', {
      title: 'Delete a recurring mail',
      active: 'recurring',
      mail,
      csrfToken: reply.generateCsrf(),
    });
  }

  @Post(':id/delete')
  @RouteConfig({ rateLimit: {} })
  async delete(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.mails.remove(id);
    await reply.redirect('/mails/recurring', 303);
  }

  /** @param notice - why something that was asked for was not done */
  private async render(reply: FastifyReply, statusCode: number, id: string, notice?: string): Promise<void> {
    const mail = await this.mails.get(id);
    const [nextTimes, runs] = await Promise.all([this.mails.next(id, NEXT_TIMES), this.runs.of(mail, LAST_RUNS)]);
    const view = recurringView(mail, nextTimes, runs);
    await reply.status(statusCode).header('cache-control', 'no-store').view('recurring/show', {
      title: view.subject,
      active: 'recurring',
      mail: view,
      notice,
      csrfToken: reply.generateCsrf(),
    });
  }
}

/** The first page for what is no number of one. */
function pageNumber(page: unknown): number {
  return typeof page === 'string' && /^[1-9]\d{0,4}$/.test(page) ? Math.min(Number(page), LAST_PAGE) : 1;
}
