import type { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { EntrySender } from '../sending/entry-sender.js';
import type { EntryDefinition, JsonDefinition } from '../entry/entry.js';
import { InvalidEntryError } from '../entry/invalid-entry.error.js';
import { parseEntry, type NewEntry } from '../entry/parse-entry.js';
import { whyDisabled } from '../entry/why-disabled.js';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';
import { toEntry } from '../store/entry-row.js';
import { insertEntry, lockEntries, updateEntry } from '../store/write-entry.js';
import { jsonOf, mergeEntry, wantedOf } from './merge-entry.js';

/** When one of these is changed, an entry that has come to its end begins anew. */
const TIMING = new Set(['schedule', 'startsAt', 'endsAt', 'oneOff']);

/** Writes the entries that the code asks for. What somebody has changed in the database stays as it is. */
export class DeclaredEntries {
  /** @param find - all that the code asks for */
  constructor(
    private readonly find: () => readonly NewEntry[],
    private readonly dataSource: DataSource,
    private readonly sender: EntrySender,
    private readonly log: Pick<Logger, 'log'>,
  ) {}

  /**
   * @param reset - takes the code's for what was changed in the database, too
   * @throws {@link InvalidEntryError} when one cannot be used, or two have the same name
   */
  async write(reset = false): Promise<void> {
    const entries: EntryDefinition[] = [];
    for (const entry of this.find().map(parseEntry)) {
      await this.sender.check(entry);
      if (entries.some(({ name }) => name === entry.name)) {
        throw new InvalidEntryError(entry.name, [{ field: 'name', problem: 'the code has two of this name' }]);
      }
      entries.push(entry);
    }
    if (entries.length === 0) return;
    const news = await this.dataSource.transaction((manager) => writeAll(manager, entries, reset));
    for (const line of news) this.log.log(line);
  }
}

/** @returns what there is to say about them */
async function writeAll(manager: EntityManager, entries: EntryDefinition[], reset: boolean): Promise<string[]> {
  const news: string[] = [];
  // In one order, as whoever does the same at the same time.
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (await insertEntry(manager, entry, jsonOf(entry))) news.push(`Entry "${entry.name}" is new.`);
  }
  const rows = await lockEntries(
    manager,
    entries.map(({ name }) => name),
  );
  for (const row of rows) {
    const entry = entries.find(({ name }) => name === row.name);
    if (entry !== undefined) news.push(...(await bringTogether(manager, row, entry, reset)));
  }
  return news;
}

async function bringTogether(
  manager: EntityManager,
  row: ScheduleEntryEntity,
  code: EntryDefinition,
  reset: boolean,
): Promise<string[]> {
  const declared = jsonOf(code);
  const why = whyDisabled(toEntry(row));
  const stored = wantedOf(row, why);
  const { definition, followed, kept } = mergeEntry(stored, reset ? stored : row.declared, declared);
  const stays = why === 'ended' && !followed.some((field) => TIMING.has(field));
  const isAnother = followed.length > 0 || row.problem !== null;
  const merged = isAnother ? usable({ ...definition, ...(stays && { enabled: false }) }) : null;
  if (merged === null) await manager.update(ScheduleEntryEntity, { name: row.name }, { declared } as object);
  else await updateEntry(manager, row, merged, declared);
  const follows = `Entry "${row.name}" follows the code: ${followed.join(', ')}.`;
  const keeps = `Entry "${row.name}" keeps what was changed in the database, against the code: ${kept.join(', ')}.`;
  return [
    ...(followed.length > 0 ? [follows] : []),
    ...(kept.length > 0 ? [`${keeps} --reset takes the code's.`] : []),
  ];
}

/** @returns null when somebody has written into the database what cannot be used: beat says so when it is due */
function usable(definition: JsonDefinition): EntryDefinition | null {
  try {
    return parseEntry(definition);
  } catch (error) {
    if (error instanceof InvalidEntryError) return null;
    throw error;
  }
}
