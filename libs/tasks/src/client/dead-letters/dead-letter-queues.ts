import { Inject, Injectable } from '@nestjs/common';
import { BrokerAwayError } from '../../broker/broker-away.error.js';
import { MOST_BROWSED, type Broker, type Delivery } from '../../broker/broker.js';
import { declaredQueue } from '../../broker/task-queue.js';
import { deadLetterQueue } from '../../broker/topology.js';
import { annotated } from '../../contract/annotations.js';
import type { TaskContract } from '../../contract/define-task.js';
import { OutboxRelay } from '../../outbox/outbox-relay.js';
import type { SendBackVerdict } from '../../store/dead-letter-store.js';
import type { TaskStore } from '../../store/task-store.js';
import { BROKER, TASK_STORE, TASKS_OPTIONS, type TasksModuleOptions } from '../../tasks.module-definition.js';
import { DeadLetter, letterId } from './dead-letter.js';
import {
  LetterRounds,
  MOST_BYTES,
  type HandledLetter,
  type LetterChoice,
  type LetterTreatment,
} from './letter-rounds.js';
import { returnedLetter } from './returned-letter.js';
import { secretsOf, type Secrets } from './shown-message.js';
import { UnknownQueueError } from './unknown-queue.error.js';

/**
 * What has become of a dead letter that was to be sent back. `no_origin`: it does not say where it came from.
 * `missing`: it is not there, or somebody else is looking at it.
 */
export type SendBackOutcome = SendBackVerdict | 'no_origin' | 'missing';

/** What has become of a dead letter that was to be discarded. */
export type DiscardOutcome = 'discarded' | 'missing';

/** Told how many letters are done, of how many. */
export type LetterProgress = (handled: number, total: number) => void;

/**
 * The dead letters of the app's queues: messages that no worker could run. Each look at a queue holds what it looks at
 * for a moment, so that others who look then see fewer; the first 65,535 letters of a queue are within its reach.
 */
@Injectable()
export class DeadLetterQueues {
  private readonly contracts: ReadonlyMap<string, TaskContract>;
  private readonly secrets: Secrets;
  private readonly queues: readonly string[];

  constructor(
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(TASK_STORE) private readonly store: TaskStore,
    @Inject(TASKS_OPTIONS) { queues, contracts = [], annotations = {} }: TasksModuleOptions,
    private readonly relay: OutboxRelay,
  ) {
    this.queues = queues.map((queue) => declaredQueue(queue).name);
    this.secrets = secretsOf(contracts);
    this.contracts = new Map(contracts.map((contract) => [contract.name, annotated(contract, annotations)]));
  }

  /**
   * How many dead letters each queue has that nobody is looking at.
   *
   * @throws {@link BrokerAwayError}
   */
  async counts(): Promise<Map<string, number>> {
    const counts = this.queues.map(async (queue) => [queue, await this.count(queue)] as const);
    return new Map(await Promise.all(counts));
  }

  /**
   * The dead letters of a queue, the oldest first: as many as it may be, of 16 MiB together.
   *
   * @param options.limit - @defaultValue 100
   * @throws {@link UnknownQueueError}, {@link BrokerAwayError}
   */
  async list(queue: string, { limit = 100 }: { limit?: number } = {}): Promise<DeadLetter[]> {
    const deliveries: Delivery[] = [];
    let bytes = 0;
    await this.look(queue, limit, (delivery) => {
      deliveries.push(delivery);
      bytes += delivery.message.body.length;
      return bytes < MOST_BYTES;
    });
    return deliveries.map(({ message }) => new DeadLetter(queue, message, this.secrets));
  }

  /**
   * @returns the dead letter of this name, the first of several; undefined when it is not there
   * @throws {@link UnknownQueueError}, {@link BrokerAwayError}
   */
  async get(queue: string, id: string): Promise<DeadLetter | undefined> {
    let found: Delivery | undefined;
    await this.look(queue, MOST_BROWSED, (delivery) => {
      if (letterId(delivery.message) === id) found = delivery;
      return found === undefined;
    });
    return found && new DeadLetter(queue, found.message, this.secrets);
  }

  /**
   * Sends dead letters back to where they came from. A task begins anew: it is PENDING, none of its retries is used up,
   * its attempts stay. Whoever dies in the middle of this loses nothing, and has nothing run twice. Letters that may not
   * go, those with another outcome than `sent`, stay.
   *
   * @param choice - the ids of letters; `all`: those that are there at the beginning
   * @returns what became of each
   * @throws {@link UnknownQueueError}, {@link BrokerAwayError}; what Postgres says when it is away
   */
  sendBack(
    queue: string,
    choice: LetterChoice,
    onProgress?: LetterProgress,
  ): Promise<Array<HandledLetter<SendBackOutcome>>> {
    return this.treat<SendBackOutcome>(queue, {
      choice,
      handle: (letters) => this.returnLetters(letters),
      isDone: (outcome) => outcome === 'sent',
      onProgress,
    });
  }

  /**
   * Drops dead letters. A task stays as it has ended.
   *
   * @param choice - the ids of letters; `all`: those that are there at the beginning
   * @returns what became of each
   * @throws {@link UnknownQueueError}, {@link BrokerAwayError}
   */
  discard(
    queue: string,
    choice: LetterChoice,
    onProgress?: LetterProgress,
  ): Promise<Array<HandledLetter<DiscardOutcome>>> {
    return this.treat<DiscardOutcome>(queue, {
      choice,
      handle: async (letters) => letters.map(() => 'discarded'),
      isDone: () => true,
      onProgress,
    });
  }

  private async treat<Outcome>(
    queue: string,
    { choice, ...treatment }: Omit<LetterTreatment<Outcome>, 'queue'>,
  ): Promise<Array<HandledLetter<Outcome | 'missing'>>> {
    const rounds = new LetterRounds(this.broker, { queue: this.queueOf(queue), choice, ...treatment });
    const handled = await rounds.run(choice === 'all' ? await this.count(queue) : choice.length);
    const found = new Set(handled.map(({ id }) => id));
    const missing = choice === 'all' ? [] : choice.filter((id) => !found.has(id));
    return [...handled, ...missing.map((id) => ({ id, taskId: null, outcome: 'missing' as const }))];
  }

  private async returnLetters(letters: readonly Delivery[]): Promise<SendBackOutcome[]> {
    const returned = await Promise.all(letters.map(({ message }) => returnedLetter(message, this.contracts)));
    const sendable = returned.filter((letter) => letter !== null);
    const verdicts = await this.store.outbox.sendBack(sendable);
    this.relay.wake();
    const verdictOf = new Map(sendable.map((letter, index) => [letter, verdicts[index] as SendBackVerdict]));
    return returned.map((letter) => (letter && verdictOf.get(letter)) ?? 'no_origin');
  }

  private async look(queue: string, limit: number, onDelivery: (delivery: Delivery) => boolean): Promise<void> {
    const browser = await this.broker.browse({ queue: this.queueOf(queue), limit, onDelivery });
    await browser.close();
  }

  private async count(queue: string): Promise<number> {
    const info = await this.broker.queueInfo(this.queueOf(queue));
    if (info === null) throw new BrokerAwayError('it does not say how many dead letters there are');
    return info.messages;
  }

  private queueOf(queue: string): string {
    if (!this.queues.includes(queue)) throw new UnknownQueueError(queue, this.queues);
    return deadLetterQueue(queue);
  }
}
