import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import type { RegisteredHandler } from '../handlers/handler-registry.js';
import { threadGate } from './thread-gate.js';

function handler(name: string, pool: RegisteredHandler['pool']): [string, RegisteredHandler] {
  const contract = defineTask({ name, queue: 'a', input: z.object({}) });
  return [name, { contract, pool, run: () => Promise.resolve() }];
}

const handlers = new Map([handler('crunch', 'threads'), handler('mail', 'async')]);
const call = (name: string) => ({ request: { name } });

describe('threadGate', () => {
  it('lets as many pass as there are free threads, and all that need none', () => {
    const active = new Map([
      ['1', call('crunch')],
      ['2', call('mail')],
    ]);
    const names = ['crunch', 'mail', 'crunch', 'crunch', 'mail', 'nobody knows it'];
    const passes = threadGate(handlers, active, 3);
    expect(names.map((name) => passes(call(name)))).toEqual([true, true, true, false, true, true]);
  });

  it('lets nothing pass that needs a thread while all are taken', () => {
    const passes = threadGate(handlers, new Map([['1', call('crunch')]]), 1);
    expect([passes(call('crunch')), passes(call('mail'))]).toEqual([false, true]);
  });
});
