import { v7 as uuidv7 } from 'uuid';
import type {
  ClaimRequest,
  NewTask,
  OutboxStore,
  RoutedMessage,
  Settlement,
  WorkerIdentity,
  WorkerStore,
} from '../../../store/task-store.js';

export function message(headers: Record<string, unknown> = {}): RoutedMessage {
  return {
    exchange: 'mail',
    routingKey: 'mail',
    envelope: {
      properties: { contentType: 'application/json' },
      headers: { task: 'test.task', retries: 0, ...headers },
    },
    body: Buffer.from('[[],{},{}]'),
  };
}

export function newTask(change: Partial<NewTask> = {}): NewTask {
  return {
    id: uuidv7(),
    outboxId: uuidv7(),
    name: 'test.task',
    queue: 'mail',
    message: message(),
    unique: null,
    isElsewhere: false,
    eta: null,
    countdownMs: null,
    expiresAt: null,
    expiresInMs: null,
    retentionSeconds: null,
    leaseMs: 0,
    ...change,
  };
}

export function request(taskId: string, change: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    taskId,
    generation: 0,
    retries: 0,
    isRunning: false,
    mayRunAgain: true,
    rateLimit: null,
    foreign: null,
    followUpsOf: null,
    ...change,
  };
}

export function foreignRequest(taskId: string, change: Partial<ClaimRequest> = {}): ClaimRequest {
  const foreign = { name: 'test.task', queue: 'mail', message: message(), expiresAt: null };
  return {
    taskId,
    generation: null,
    retries: 0,
    isRunning: false,
    mayRunAgain: true,
    rateLimit: null,
    foreign,
    followUpsOf: null,
    ...change,
  };
}

export function settlement(taskId: string, change: Partial<Settlement> = {}): Settlement {
  return {
    taskId,
    attempt: 1,
    state: 'SUCCESS',
    retries: 0,
    resultJson: null,
    error: null,
    progress: null,
    log: null,
    next: null,
    rows: null,
    followUps: null,
    ...change,
  };
}

export function worker(name: string): WorkerIdentity {
  return { id: uuidv7(), name: `${name}@test`, pid: process.pid };
}

/** Writes tasks whose messages count as published, and claims them. @returns their ids */
export async function claimNew(count: number, outbox: OutboxStore, holder: WorkerStore): Promise<string[]> {
  const tasks = Array.from({ length: count }, () => newTask({ leaseMs: 60_000 }));
  await Promise.all(tasks.map((task) => outbox.enqueueOne(task)));
  await Promise.all(tasks.map(({ outboxId }) => outbox.published(outboxId)));
  await holder.claim(tasks.map(({ id }) => request(id)));
  return tasks.map(({ id }) => id);
}
