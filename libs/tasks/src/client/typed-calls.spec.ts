import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineBroadcast } from '../contract/define-broadcast.js';
import { defineTask } from '../contract/define-task.js';
import { TaskHandler } from '../worker/handlers/task-handler.decorator.js';
import type { AsyncResult } from './async-result.js';
import type { TaskClient } from './task-client.js';

const queue = 'work';
const card = z.object({ number: z.string(), owner: z.string() });
const pay = defineTask({
  name: 'shop.pay',
  queue,
  input: z.object({ amount: z.number(), card }),
  output: z.object({ receipt: z.string() }),
  secret: ['card.number'],
  uniqueKey: ({ amount }) => amount,
});
const clean = defineTask({ name: 'shop.clean', queue, input: z.object({}) });
const empty = defineBroadcast({ name: 'shop.empty', queue, input: z.object({}), output: z.number() });
const order = { amount: 1, card: { number: '4711', owner: 'Ann' } };

/** Never run: `tsc` reads it. Each line that it must refuse says so. */
async function calls(tasks: TaskClient): Promise<void> {
  const paid: AsyncResult<{ receipt: string }> = await tasks.delay(pay, order);
  const { receipt } = await paid.get();
  receipt satisfies string;
  const anything = await (await tasks.delay(clean, {})).get();
  // @ts-expect-error -- unknown without an output
  anything satisfies string;
  const [first] = await tasks.enqueueMany(pay, [{ input: order, countdown: 1 }]);
  (await first?.get())?.receipt satisfies string | undefined;
  (await tasks.result('id', pay).get()).receipt satisfies string;
  (await (await tasks.broadcast(empty, {})).of('celery@ann').get()) satisfies number;
  // @ts-expect-error -- each worker runs it
  await tasks.delay(empty, {});
  // @ts-expect-error -- each worker runs it, with the countdown as well
  await tasks.applyAsync(empty, {}, { countdown: 1 });
  // @ts-expect-error -- one worker runs it
  await tasks.broadcast(clean, {});
  // @ts-expect-error -- it goes to the workers of its queue
  await tasks.broadcast(empty, {}, { queue: 'other' });
  // @ts-expect-error -- a field of another type
  await tasks.delay(pay, { ...order, amount: '1' });
  // @ts-expect-error -- a field that is missing
  await tasks.delay(pay, { amount: 1 });
  // @ts-expect-error -- a field that nobody knows
  await tasks.applyAsync(pay, { ...order, discount: 1 });
  // @ts-expect-error -- a field of another type, among many calls
  await tasks.enqueueMany(pay, [{ input: order }, { input: { ...order, amount: null } }]);
  // @ts-expect-error -- an option that nobody knows
  await tasks.applyAsync(pay, order, { delay: 5 });
  // @ts-expect-error -- what a foreign task returns is always kept
  await tasks.sendTask('shop.bill', [], {}, { ignoreResult: true });
  // @ts-expect-error -- kwargs have names
  await tasks.sendTask('shop.bill', [], [1]);
}

class Handlers {
  @TaskHandler(pay)
  async pay({ amount }: { amount: number }): Promise<{ receipt: string }> {
    return { receipt: String(amount) };
  }

  // @ts-expect-error -- another output than the contract's
  @TaskHandler(pay)
  async payBack(): Promise<{ bill: string }> {
    return { bill: '' };
  }

  // @ts-expect-error -- another input than the contract's
  @TaskHandler(pay)
  async payLater({ days }: { days: number }): Promise<{ receipt: string }> {
    return { receipt: String(days) };
  }
}

/** Never run either. */
function definitions(): void {
  const base = { name: 'shop.pay', queue, input: z.object({ amount: z.number(), card }) };
  // @ts-expect-error -- a secret that is no field of the input
  defineTask({ ...base, secret: ['password'] });
  // @ts-expect-error -- a key out of what is no field of the input
  defineTask({ ...base, uniqueKey: ({ customer }) => customer });
  // @ts-expect-error -- a state that is no end
  defineTask({ ...base, uniqueStates: ['PENDING'] });
}

describe('calls and contracts', () => {
  it('are checked by the compiler', () => {
    // What is above compiles, or this file would not: `npm run types`.
    expect([calls, definitions, Handlers]).toHaveLength(3);
  });
});
