import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '../broker/broker.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import type { TaskContract } from '../contract/define-task.js';
import type { TaskRequest } from '../protocol/index.js';
import type { ClaimAnswer, WorkerStore } from '../store/task-store.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { ClaimLostError } from './task-errors.js';
import { TaskRun } from './task-run.js';
import { WorkerRunControl } from './worker-run-control.js';

function start(held: Promise<boolean>, lease = { valid: true }): { run: TaskRun; control: WorkerRunControl } {
  const request = { id: 'task-1', name: 'a.task' } as TaskRequest;
  const claim = { taskId: 'task-1', attempt: 1 } as ClaimAnswer;
  const run = new TaskRun({ request, delivery: {} as Delivery, deliveredAtMs: 0 }, claim, {
    ...DEFAULT_TASK_OPTIONS,
  } as TaskContract);
  const store = { passPointOfNoReturn: () => held } as unknown as WorkerStore;
  const log = { log: () => undefined, warn: () => undefined, error: () => undefined };
  return { run, control: new WorkerRunControl(run, { store, lease: lease as LeaseKeeper, log }) };
}

describe('the point of no return', () => {
  it('is passed by a run that holds its task', async () => {
    const { run, control } = start(Promise.resolve(true));
    await control.passPointOfNoReturn();
    expect(run.passedPointOfNoReturn).toBe(true);
    expect(run.end({ state: 'IGNORED' }, new Error('enough'))).toBe(false);
  });

  it('is not passed by a run that is ended while the store is asked', async () => {
    let answer: (held: boolean) => void = () => undefined;
    const { run, control } = start(new Promise((resolve) => (answer = resolve)));
    const passing = control.passPointOfNoReturn();
    expect(run.end({ state: 'IGNORED' }, new Error('enough'))).toBe(true);
    answer(true);
    await expect(passing).rejects.toThrow(ClaimLostError);
    expect(run.passedPointOfNoReturn).toBe(false);
  });

  it.each([
    ['the store says no', Promise.resolve(false), { valid: true }],
    ['the lease has run out', Promise.resolve(true), { valid: false }],
  ])('is not passed when %s', async (_what, held, lease) => {
    const { run, control } = start(held, lease);
    await expect(control.passPointOfNoReturn()).rejects.toThrow(ClaimLostError);
    expect(run.passedPointOfNoReturn).toBe(false);
  });
});
