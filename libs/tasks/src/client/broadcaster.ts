import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { annotated, type TaskAnnotations } from '../contract/annotations.js';
import { checkInput } from '../contract/check-input.js';
import type { BroadcastContract } from '../contract/define-broadcast.js';
import type { OutboxRelay } from '../outbox/outbox-relay.js';
import type { OutboxStore } from '../store/task-store.js';
import { assertCallOptions } from './assert-call-options.js';
import type { ResultSource } from './async-result.js';
import { broadcastLetter, type BroadcastOptions } from './broadcast-letter.js';
import { BroadcastResult } from './broadcast-result.js';

/** Sends what each worker of a queue is to run. */
export class Broadcaster {
  constructor(
    private readonly store: OutboxStore,
    private readonly source: ResultSource,
    private readonly options: { annotations?: TaskAnnotations; relay?: Pick<OutboxRelay, 'wake'> },
  ) {}

  /** @param manager - of the caller's transaction. @defaultValue it is committed at once */
  async send<Input extends object, Output>(
    contract: BroadcastContract<Input, Output>,
    input: Input,
    options: BroadcastOptions = {},
    manager?: EntityManager,
  ): Promise<BroadcastResult<Output>> {
    const { annotations = {}, relay } = this.options;
    assertCallOptions(contract.name, options);
    const id = options.taskId ?? uuidv7();
    const letter = broadcastLetter(annotated(contract, annotations), id, await checkInput(contract, input), options);
    const workers = await this.store.liveWorkers(contract.queue, manager);
    await this.store.addLetters([letter], manager);
    if (manager === undefined) relay?.wake();
    else this.store.afterCommit(manager, () => relay?.wake());
    return new BroadcastResult<Output>(id, workers, this.source);
  }
}
