import { changedFields, whyDisabled, type DisabledReason, type Entry, type EntryDefinition } from '@celeriac/schedule';
import { isBroadcast, type StoredResult } from '@celeriac/tasks';
import type { OpenApp } from '../../app/open-app.js';
import { reportOf, type EntryReport } from './entry-report.js';
import { runsReport, type ComingRun } from './runs-text.js';

/** The last task that was sent for an entry. */
export interface LastTask extends Partial<Pick<StoredResult, 'state' | 'result' | 'error'>> {
  id: string;
  /** Each worker has a run of it, `<id>@<worker>`: it has no state itself. */
  isBroadcast: boolean;
}

/** All there is to say about an entry. */
export interface EntryDetails extends EntryReport {
  disabledReason: DisabledReason | null;
  /** The fields that were changed in the database, against the code. */
  changed: Array<keyof EntryDefinition>;
  /** Null: none was sent yet. */
  lastTask: LastTask | null;
  nextRuns: ComingRun[];
}

/** @param nextRuns - the times at which it is due */
export async function gatherDetails(app: OpenApp, entry: Entry, nextRuns: readonly Date[]): Promise<EntryDetails> {
  return {
    ...reportOf(app, entry),
    disabledReason: whyDisabled(entry),
    changed: changedFields(entry),
    lastTask: await lastTaskOf(app, entry),
    nextRuns: runsReport(entry, nextRuns),
  };
}

/** Without a state where the task is forgotten, or a broadcast. */
async function lastTaskOf({ store, contracts }: OpenApp, { task, lastTaskId: id }: Entry): Promise<LastTask | null> {
  if (id === null) return null;
  const contract = contracts.get(task);
  const [found] = await store.outbox.results([id]);
  return {
    id,
    isBroadcast: contract !== undefined && isBroadcast(contract),
    ...(found !== undefined && { state: found.state, result: found.result, error: found.error }),
  };
}
