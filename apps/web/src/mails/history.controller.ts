import { Controller, Get, Query, Res } from '@nestjs/common';
import {
  MailSearch,
  MailServerTrouble,
  mailStates,
  plainWords,
  type CurrentTrouble,
  type PagePlace,
} from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import { filterQuery, filterValues, filterWords, isFiltering, leftOut, mailFilterOf } from './filter-values.js';
import { isMailId } from './mail-id.pipe.js';
import { mailListItem } from './mail-list.js';
import { MAX_SEARCHED_LENGTH } from './searchable.js';
import { stateLabel } from './state-words.js';
import { timeView } from './times.js';

const PAGE_SIZE = 25;

/** The page of all mails, and of some. */
@Controller()
export class HistoryController {
  constructor(
    private readonly search: MailSearch,
    private readonly trouble: MailServerTrouble,
  ) {}

  @Get('/mails')
  async showHistory(@Query() query: Record<string, unknown>, @Res() reply: FastifyReply): Promise<void> {
    const values = filterValues(query);
    const filter = mailFilterOf(values);
    const [page, trouble] = await Promise.all([
      this.search.page(filter, PAGE_SIZE, placeOf(query)),
      this.trouble.current(),
    ]);
    await reply.header('cache-control', 'no-store').view('mails/index', {
      title: 'Mails',
      active: 'mails',
      mails: page.records.map(mailListItem),
      values,
      leftOut: leftOut(query, values),
      maxLength: MAX_SEARCHED_LENGTH,
      trouble: trouble && troubleView(trouble),
      states: mailStates.map((key) => ({ key, label: stateLabel(key), selected: key === values.state })),
      isFiltering: isFiltering(filter),
      filterWords: filterWords(values),
      givenUpAt: page.givenUpAt && timeView(page.givenUpAt),
      olderUrl: page.older && `/mails${filterQuery(values, { before: page.older })}`,
      newerUrl: page.newer && `/mails${filterQuery(values, { after: page.newer })}`,
    });
  }
}

function troubleView({ problem, advice, since, nextProbeAt }: CurrentTrouble): object {
  return { problem: plainWords(problem), advice, since: timeView(since), nextProbe: timeView(nextProbeAt) };
}

function placeOf({ before, after }: Record<string, unknown>): PagePlace {
  if (isMailId(after)) return { after };
  return isMailId(before) ? { before } : {};
}
