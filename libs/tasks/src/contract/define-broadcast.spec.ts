import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { annotated } from './annotations.js';
import { assertSingle, broadcastRunId, defineBroadcast, isBroadcast } from './define-broadcast.js';
import { defineTask } from './define-task.js';

const definition = { name: 'test.empty', queue: 'work', input: z.object({}), maxRetries: 1 };

describe('defineBroadcast', () => {
  it('makes a frozen contract, which differs from that of a task in being a broadcast', () => {
    const contract = defineBroadcast(definition);
    expect(contract).toEqual({ ...defineTask(definition), broadcast: true });
    expect(Object.isFrozen(contract)).toBe(true);
  });

  it('refuses an option that makes no sense', () => {
    expect(() => defineBroadcast({ ...definition, queue: '' })).toThrow('Task test.empty has queue="": expected');
    expect(() => defineBroadcast({ ...definition, uniqueFor: 60 })).toThrow(
      'Task test.empty has uniqueFor=60: expected none: a broadcast is sent each time.',
    );
  });

  it('is known from a task, also with annotations', () => {
    const broadcast = annotated(defineBroadcast(definition), { '*': { maxRetries: 2 } });
    expect([broadcast, defineTask(definition)].map(isBroadcast)).toEqual([true, false]);
    expect(() => assertSingle(defineTask(definition))).not.toThrow();
    expect(() => assertSingle(broadcast)).toThrow(/TaskClient.broadcast\(\)/);
  });

  it('gives each worker an id of its own', () => {
    expect(broadcastRunId('4711', 'celery@ann')).toBe('4711@celery@ann');
  });
});
