import { signatureList, type ResultTuple, type TaskRequest } from '../../protocol/index.js';
import { resultLetters, type Ending } from '../../store/result-letter.js';
import type { FollowUps } from '../../store/task-store.js';
import { signatureLetter } from '../dead-letters.js';
import { expandSignature, waitersOf, type Surroundings } from './canvas.js';
import { sendingOf, type EndedTask, type KnownTasks } from './follow-up-task.js';

/** What follows from the end of a task. */
export interface FollowUpPlan extends FollowUps {
  /** What was asked for and cannot follow: a line for each. */
  problems: string[];
}

/** @returns whether anybody waits for the task, or anything comes after it */
export function isFollowed({ replyTo, embed }: TaskRequest): boolean {
  const { callbacks, errbacks, chain, chord } = embed;
  return replyTo !== null || [callbacks, errbacks, chain, chord].some((each) => listed(each).length > 0);
}

/**
 * What follows from the end of a task: the callbacks or errbacks, the next task of its chain, and the result for who
 * waits over `rpc://`. Source: `celery/app/trace.py`, and `mark_as_failure` in `celery/backends/base.py`.
 *
 * A signature that cannot be sent becomes a dead letter; the task itself stays what it is.
 *
 * @param newId - makes the ids of tasks that have none yet
 */
export function followUpsOf(task: EndedTask, ending: Ending, known: KnownTasks, newId: () => string): FollowUpPlan {
  const planner = new Planner(task, known, newId);
  const children = ending.state === 'SUCCESS' ? planner.sendNext(ending.result) : [];
  planner.tell(ending, children);
  if (ending.state === 'FAILURE') planner.sendErrbacks();
  return planner.plan;
}

class Planner {
  readonly plan: FollowUpPlan = { tasks: [], letters: [], problems: [] };

  constructor(
    private readonly task: EndedTask,
    private readonly known: KnownTasks,
    private readonly newId: () => string,
  ) {
    if (task.request.embed.chord !== null) {
      this.plan.problems.push('is part of a chord, which only workers of Celery count: its body is not sent.');
    }
  }

  /** Sends the callbacks and the next task of the chain. @returns what was sent */
  sendNext(result: unknown): ResultTuple[] {
    const { callbacks, chain } = this.task.request.embed;
    const prepended = [result];
    const children = this.sendCallbacks(listed(callbacks), prepended);
    const remaining = listed(chain);
    if (remaining.length === 0) return children;
    const sent = this.send(remaining.at(-1), { prepended, chain: remaining.slice(0, -1), options: {} });
    if (sent.length === 0) {
      const message = `The chain was broken off: ${this.plan.problems.at(-1)}`;
      this.tellRemaining({ state: 'FAILURE', error: { type: 'InvalidSignatureError', message, stack: null } });
    }
    return [...children, ...sent];
  }

  /** Tells who waits. A caller can do without a result, but only the task itself without telling of its failure. */
  tell(ending: Ending, children: ResultTuple[]): void {
    const { request } = this.task;
    if (this.known.contracts.get(request.name)?.ignoreResult === true) return;
    if (ending.state !== 'SUCCESS' || !request.ignoreResult) {
      this.plan.letters.push(...resultLetters(request, ending, children));
    }
    if (ending.state === 'FAILURE') this.tellRemaining(ending);
  }

  sendErrbacks(): void {
    const { id, embed } = this.task.request;
    const options = { group_id: this.newId() };
    for (const errback of listed(embed.errbacks)) this.send(errback, { prepended: [id], chain: null, options });
  }

  /** Several callbacks are sent as a group; the groups among them are groups of their own. */
  private sendCallbacks(callbacks: unknown[], prepended: unknown[]): ResultTuple[] {
    const isAlone = (callback: unknown): boolean => callbacks.length === 1 || isGroup(callback);
    const alone = { prepended, chain: null, options: {} };
    const children = callbacks.filter(isAlone).flatMap((callback) => this.send(callback, alone));
    const together = callbacks.filter((callback) => !isAlone(callback));
    if (together.length === 0) return children;
    const groupId = this.newId();
    const surroundings = { prepended, chain: null, options: { group_id: groupId } };
    return [...children, [[groupId, null], together.flatMap((callback) => this.send(callback, surroundings))]];
  }

  /** Sends all that the signature stands for, or nothing of it. @returns what was sent: one entry, or none */
  private send(signature: unknown, surroundings: Surroundings): ResultTuple[] {
    try {
      const { tasks, trail } = expandSignature(signature, surroundings, this.newId);
      const sendings = tasks.map((task) => sendingOf(task, this.task, this.known));
      this.plan.tasks.push(...sendings.flatMap((sending) => sending.tasks));
      this.plan.letters.push(...sendings.flatMap((sending) => sending.letters));
      return [trail];
    } catch (error) {
      const problem = `has a follow-up that cannot be sent and is a dead letter: ${(error as Error).message}`;
      this.plan.problems.push(problem);
      this.plan.letters.push(signatureLetter(signature, this.task, `Task ${this.task.request.id} ${problem}`));
      return [];
    }
  }

  /** Tells who waits for what comes later in the chain: it does not come any more. */
  private tellRemaining(ending: Ending): void {
    for (const waiter of waitersOf(listed(this.task.request.embed.chain))) {
      this.plan.letters.push(...resultLetters(waiter, ending));
    }
  }
}

function listed(signatures: unknown): unknown[] {
  return signatureList(signatures) ?? [];
}

function isGroup(signature: unknown): boolean {
  return (
    typeof signature === 'object' && signature !== null && 'task' in signature && signature.task === 'celery.group'
  );
}
