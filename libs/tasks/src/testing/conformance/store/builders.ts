import { v7 as uuidv7 } from 'uuid';
import type { ClaimRequest, NewTask, RoutedMessage, Settlement, WorkerIdentity } from '../../../store/task-store.js';

/** A task's message for the queue `mail`. */
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

/** A task that may run at once. */
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

/** A claim of a task's first message. */
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

/** A claim of a message that a foreign producer sent. */
export function foreignRequest(taskId: string, change: Partial<ClaimRequest> = {}): ClaimRequest {
  const foreign = { name: 'test.task', queue: 'mail', message: message(), expiresAt: null, retentionSeconds: null };
  return request(taskId, { generation: null, foreign, ...change });
}

/** The success of a task's first run. */
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
    isCutOff: false,
    ...change,
  };
}

/** A worker that has just started, named `<name>@test`. */
export function worker(name: string): WorkerIdentity {
  return { id: uuidv7(), name: `${name}@test`, pid: process.pid, queues: ['mail'], concurrency: 4 };
}
