import type { FollowUps, SettlementRows } from '../../store/task-store.js';
import { enqueue } from './enqueue.js';
import type { MemoryRows } from './memory-rows.js';
import { MemoryTransaction } from './memory-transaction.js';

/** Writes what follows from the end of a task. */
export async function follow(rows: MemoryRows, followUps: FollowUps): Promise<void> {
  enqueue(rows, followUps.tasks);
  for (const letter of followUps.letters) rows.addLetter(letter);
  await writeRows(followUps.rows ?? null);
}

/** Has the app write its own rows, in a transaction of their own. */
export async function writeRows(rows: SettlementRows | null): Promise<void> {
  if (rows === null) return;
  const transaction = new MemoryTransaction();
  await rows.writer.write(transaction.asManager(), [rows.data]);
  transaction.commit();
}
