import { Controller, Get, Query, Res } from '@nestjs/common';
import { MailSearch, mailStates, type PagePlace } from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import { filterQuery, filterValues, isFiltering, mailFilterOf } from './filter-values.js';
import { isMailId } from './mail-id.pipe.js';
import { mailListItem, stateLabel, timeView } from './mail-view.js';

const PAGE_SIZE = 25;

/** The page of all mails, and of some. */
@Controller()
export class HistoryController {
  constructor(private readonly search: MailSearch) {}

  @Get('/mails')
  async showHistory(@Query() query: Record<string, unknown>, @Res() reply: FastifyReply): Promise<void> {
    const values = filterValues(query);
    const filter = mailFilterOf(values);
    const page = await this.search.page(filter, PAGE_SIZE, placeOf(query));
    await reply.header('cache-control', 'no-store').view('mails/index', {
      title: 'Mails',
      active: 'mails',
      mails: page.records.map(mailListItem),
      values,
      states: mailStates.map((key) => ({ key, label: stateLabel(key), selected: key === values.state })),
      isFiltering: isFiltering(filter),
      givenUpAt: page.givenUpAt && timeView(page.givenUpAt),
      olderUrl: page.older && `/mails${filterQuery(values, { before: page.older })}`,
      newerUrl: page.newer && `/mails${filterQuery(values, { after: page.newer })}`,
    });
  }
}

function placeOf({ before, after }: Record<string, unknown>): PagePlace {
  if (isMailId(after)) return { after };
  return isMailId(before) ? { before } : {};
}
