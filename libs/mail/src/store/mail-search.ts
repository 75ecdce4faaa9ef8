import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import type { MailFacts } from '../status/mail-record.js';
import { mailStatus } from '../status/mail-status.js';
import { MailEntity } from './entities/mail.entity.js';
import { inOneSnapshot, readFacts } from './mail-facts.js';
import { conditionsOf, idAt, type MailFilter } from './mail-filter.js';

/** What a list shows of a mail: its state and no words of servers. */
export interface MailOutline extends MailFacts {
  mail: Pick<MailEntity, 'id' | 'subject' | 'createdAt' | 'earlierTaskIds'>;
}

/** Where a page of mails begins: after the newest, or at its neighbour's end. Ids sort by time. */
export interface PagePlace {
  /** The page of the mails that are older than this one. */
  before?: string;
  /** The page of the mails that are newer than this one. */
  after?: string;
}

/** A page of mails, newest first. */
export interface MailPage {
  records: MailOutline[];
  /** What to ask for older mails with (`before`); null when there are none. */
  older: string | null;
  /** What to ask for newer mails with (`after`); null when there are none. */
  newer: string | null;
  /** The search was given up for now, that far from the page's beginning: there may be more. Null: it was not. */
  givenUpAt: Date | null;
}

/** A stretch of the mails, looked through. */
interface Slice {
  /** Of the mails that may fit, in the order of the walk. */
  ids: string[];
  /** How far it went; null: to the end. */
  end: string | null;
}

/** How many mails one statement looks through. */
const SLICE_SIZE = 1000;
/** For how long a search goes on before it shows what it has. */
const DEFAULT_BUDGET_MS = 1500;

/**
 * Looks mails up by what is known of them. The state of a mail is what `mailStatus` says, so the database only leaves
 * out mails that cannot be in the state wanted; it walks by the primary key, and a page is cut by key, so that new
 * mails do not shift it.
 */
@Injectable()
export class MailSearch {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param limit - most mails of the page
   * @param budgetMs - no further stretch is begun after that: a search for what is rare stays short
   */
  async page(
    filter: MailFilter,
    limit: number,
    place: PagePlace = {},
    budgetMs = DEFAULT_BUDGET_MS,
  ): Promise<MailPage> {
    const isForwards = place.after !== undefined;
    const stopAtMs = performance.now() + budgetMs;
    const found: MailOutline[] = [];
    let cursor = place.after ?? place.before ?? null;
    do {
      const { ids, end } = await this.nextSlice(filter, limit + 1, cursor, isForwards);
      const records = await this.outlines(ids);
      const fitting = records.filter(
        (record) => filter.state === undefined || mailStatus(record).state === filter.state,
      );
      found.push(...(isForwards ? fitting.toReversed() : fitting));
      cursor = end;
    } while (cursor !== null && found.length <= limit && performance.now() < stopAtMs);
    return pageOf(found, limit, place, cursor);
  }

  /** @param most - of the mails that may fit */
  private async nextSlice(
    filter: MailFilter,
    most: number,
    cursor: string | null,
    isForwards: boolean,
  ): Promise<Slice> {
    const values = [cursor, filter.since && idAt(filter.since), filter.until && idAt(filter.until), most];
    const parameter = (value: string | number): string => `$${values.push(value)}`;
    const conditions = conditionsOf(filter, parameter);
    const [direction, beyond] = isForwards ? ['ASC', '>'] : ['DESC', '<'];
    const size = conditions.length === 0 ? most : SLICE_SIZE;
    const [slice]: Array<{ ids: string[]; size: number; end: string | null }> = await this.dataSource.query(
      `WITH slice AS MATERIALIZED (
         SELECT id FROM mail
         WHERE ($1::uuid IS NULL OR id ${beyond} $1) AND ($2::uuid IS NULL OR id >= $2) AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id ${direction} LIMIT ${parameter(size)})
       SELECT (SELECT count(*)::int FROM slice) AS size,
              (SELECT id FROM slice ORDER BY id ${isForwards ? 'DESC' : 'ASC'} LIMIT 1) AS end,
              ARRAY(
                SELECT mail.id FROM slice JOIN mail USING (id) LEFT JOIN task ON task.id = mail.task_id
                WHERE ${['true', ...conditions].join(' AND ')}
                ORDER BY mail.id ${direction} LIMIT $4) AS ids`,
      values,
    );
    const ids = slice?.ids ?? [];
    if (ids.length === most) return { ids, end: ids.at(-1) ?? null };
    return { ids, end: slice?.size === size ? slice.end : null };
  }

  /** Newest first. */
  private async outlines(ids: string[]): Promise<MailOutline[]> {
    if (ids.length === 0) return [];
    return inOneSnapshot(this.dataSource, async (manager) => {
      const select = {
        id: true,
        taskId: true,
        earlierTaskIds: true,
        subject: true,
        createdAt: true,
        textRemovedAt: true,
      };
      const mails = await manager.find(MailEntity, { select, where: { id: In(ids) }, order: { id: 'DESC' } });
      return readFacts(manager, mails, 'for states');
    });
  }
}

/** @param found - in the order of the walk, one more than the page has if there is one */
function pageOf(found: MailOutline[], limit: number, { before, after }: PagePlace, cursor: string | null): MailPage {
  const isMore = found.length > limit;
  const records = found.slice(0, limit);
  const beyond = isMore ? (records.at(-1)?.mail.id ?? null) : cursor;
  const givenUpAt = isMore || cursor === null ? null : timeOf(cursor);
  if (after === undefined) {
    return { records, older: beyond, newer: before === undefined ? null : (records[0]?.mail.id ?? before), givenUpAt };
  }
  return { records: records.toReversed(), older: records[0]?.mail.id ?? after, newer: beyond, givenUpAt };
}

/** The time in a UUIDv7. */
function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}
