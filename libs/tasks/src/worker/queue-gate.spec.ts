import { describe, expect, it } from '@jest/globals';
import { queueGate } from './queue-gate.js';

const from = (queue: string) => ({ delivery: { queue } });
const running = (...queues: string[]) => new Map(queues.map((queue, index) => [String(index), from(queue)]));

describe('queueGate', () => {
  it('lets as many through as the queue has free slots', () => {
    const gate = queueGate({ webhooks: 3 }, running('webhooks', 'mail'));
    expect(['webhooks', 'webhooks', 'webhooks', 'webhooks'].map((queue) => gate(from(queue)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('holds nobody else back', () => {
    const gate = queueGate({ webhooks: 1 }, running('webhooks'));
    expect([gate(from('webhooks')), gate(from('mail')), gate(from('mail'))]).toEqual([false, true, true]);
  });

  it('lets all through where no queue has slots of its own', () => {
    const gate = queueGate(undefined, running('mail'));
    expect([gate(from('mail')), gate(from('webhooks'))]).toEqual([true, true]);
  });
});
