import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { decodeTaskMessage, type TaskRequest } from '../../protocol/index.js';
import type { Ending } from '../../store/result-letter.js';
import type { FollowUps, RoutedMessage } from '../../store/task-store.js';
import { TaskRouter } from '../../routes/task-router.js';
import type { TaskRoutes } from '../../routes/task-routes.js';
import { knownTasks } from './follow-up-task.js';
import { followUpsOf, isFollowed } from './follow-ups.js';

/** A task message as Celery sent it. */
interface Fixture {
  properties: { correlation_id: string; reply_to: string; priority: number };
  headers: { id: string } & Record<string, unknown>;
  body: unknown[];
}

function load(name: string): Fixture {
  const path = join(import.meta.dirname, '../../protocol/fixtures', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Fixture;
}

function requestOf({ properties, headers, body }: Fixture): TaskRequest {
  const { correlation_id: correlationId, reply_to: replyTo, priority } = properties;
  return decodeTaskMessage({
    properties: { contentType: 'application/json', contentEncoding: 'utf-8', correlationId, replyTo, priority },
    headers,
    body: Buffer.from(JSON.stringify(body)),
  });
}

function decoded({ envelope, body }: RoutedMessage): TaskRequest {
  return decodeTaskMessage({ ...envelope, body });
}

/** Where new ids are the captured ones, in their order. */
function idsFrom(...ids: string[]): () => string {
  return () => ids.shift() ?? 'one too many';
}

const OUR_QUEUES = new TaskRouter({ queues: ['celery', 'ours'] });
const NO_QUEUES = new TaskRouter({ queues: [] });
const OURS = knownTasks(OUR_QUEUES, []);
const NOWHERE = knownTasks(NO_QUEUES, []);
const success = (result: unknown): Ending => ({ state: 'SUCCESS', result });
const FAILURE: Ending = { state: 'FAILURE', error: { type: 'ValueError', message: 'boom', stack: 'at a.js' } };

/** A task with follow-ups that are not captured. */
function task(embed: Partial<TaskRequest['embed']>, change: Partial<TaskRequest> = {}) {
  const request = { ...requestOf(load('canvas/link.1-task-add')), id: 'parent', rootId: 'root', replyTo: null };
  const nothing = { callbacks: null, errbacks: null, chain: null, chord: null };
  return { request: { ...request, ...change, embed: { ...nothing, ...embed } }, queue: 'celery' };
}

function sent({ tasks, letters }: FollowUps): TaskRequest[] {
  return [...tasks, ...letters.filter(({ mandatory }) => mandatory)].map(({ message }) => decoded(message));
}

describe('what Celery sent after a task', () => {
  // The new ids are those of the group first, then of its members: the order in which they are made.
  it.each([
    ['a callback', 'canvas/link', success(5), ['2-task-add'], false],
    ['two callbacks', 'canvas/link-two-immutable', success(5), ['2-task-add', '4-task-add'], true],
    ['an errback', 'canvas/link_error', FAILURE, ['3-task-errback'], true],
    ['the next of a chain', 'canvas/chain', success(3), ['2-task-add'], false],
    [
      'the group at the end of a chain',
      'canvas/chain-ending-in-group',
      success(2),
      ['2-task-add', '3-task-add'],
      false,
    ],
    ['a group as callback', 'canvas/link-group', success(5), ['2-task-add', '3-task-add'], true],
    ['the next of a stamped chain', 'celery56/canvas/stamp-visitor-chain', success(3), ['2-task-add'], false],
  ])('%s is sent by us too', (_what, name, ending, children, isNewGroup) => {
    const parent = load(`${name}.1-task-${name.includes('link_error') ? 'fail' : 'add'}`);
    const expected = children.map((child) => requestOf(load(`${name}.${child}`)));
    const groups = isNewGroup ? [expected[0]?.group as string] : [];
    const newId = idsFrom(...groups, ...expected.map(({ id }) => id));
    const plan = followUpsOf({ request: requestOf(parent), queue: 'celery' }, ending, OURS, newId);
    expect(plan.problems).toEqual([]);
    expect(sent(plan)).toEqual(
      expected.map((child) => {
        // A worker of Celery has its own queue as reply_to, which nobody reads; only the client's counts.
        const isClients = child.replyTo === parent.properties.reply_to;
        const { replaced_task_nesting: _, ...userHeaders } = child.userHeaders;
        const own = { origin: expect.any(String), lang: 'js', replyTo: isClients ? child.replyTo : null };
        return { ...child, ...own, userHeaders };
      }),
    );
    expect(plan.tasks.map(({ id, queue, message }) => ({ id, queue, key: message.routingKey }))).toEqual(
      expected.map(({ id }) => ({ id, queue: 'celery', key: 'celery' })),
    );
  });

  it('a chain as callback: its first task, which carries the rest', () => {
    const parent = requestOf(load('canvas/link-chain.1-task-add'));
    const plan = followUpsOf({ request: parent, queue: 'celery' }, success(5), OURS, idsFrom('first'));
    const { args, embed } = requestOf(load('canvas/link-chain.2-task-add'));
    // Celery chooses the ids of the rest here; ours are made when their turn comes.
    const [rest] = embed.chain as [object];
    expect(sent(plan)).toMatchObject([{ id: 'first', args, embed: { chain: [{ ...rest, options: {} }] } }]);
  });

  it('the results: of a success with its children, of a failure also for the rest of the chain', () => {
    const linked = requestOf(load('canvas/link-two-immutable.1-task-add'));
    const plan = followUpsOf({ request: linked, queue: 'celery' }, success(5), OURS, idsFrom('group', 'a', 'b'));
    expect(resultsOf(plan)).toEqual([
      {
        to: linked.replyTo,
        task_id: linked.id,
        status: 'SUCCESS',
        result: 5,
        traceback: null,
        children: [
          [
            ['group', null],
            [
              [['a', null], null],
              [['b', null], null],
            ],
          ],
        ],
      },
    ]);
    const chain = requestOf(load('canvas/chain-fails.1-task-fail'));
    const failed = followUpsOf({ request: chain, queue: 'celery' }, FAILURE, OURS, idsFrom());
    const result = { exc_type: 'ValueError', exc_message: ['boom'], exc_module: 'builtins' };
    const rest = { to: chain.replyTo, status: 'FAILURE', result, traceback: 'at a.js', children: [] };
    expect(resultsOf(failed)).toEqual([
      { ...rest, task_id: chain.id },
      { ...rest, task_id: 'ca76750a-c11b-4d30-8259-1f1da699b75c' },
    ]);
    expect(sent(failed)).toEqual([]);
  });
});

function resultsOf({ letters }: FollowUps): unknown[] {
  return letters
    .filter(({ mandatory }) => !mandatory)
    .map(({ message }) => ({ to: message.routingKey, ...(JSON.parse(message.body.toString()) as object) }));
}

describe('where a follow-up goes', () => {
  const contract = defineTask({ name: 'known', input: z.object({}), queue: 'ours', priority: 3, ignoreResult: true });
  const known = knownTasks(OUR_QUEUES, [contract]);

  it.each([
    ['its own queue', { task: 'known', options: { queue: 'theirs' } }, '', 'theirs', null],
    ['its own queue, which is ours', { task: 'a', options: { queue: 'ours' } }, 'ours', 'ours', 'ours'],
    ['its own routing key', { task: 'a', options: { routing_key: 'ours' } }, 'ours', 'ours', 'ours'],
    ['its own exchange', { task: 'a', options: { exchange: 'x', routing_key: 'k' } }, 'x', 'k', null],
    ['the default exchange', { task: 'a', options: { exchange: '', routing_key: 'ours' } }, '', 'ours', 'ours'],
    ["its contract's queue", { task: 'known' }, 'ours', 'ours', 'ours'],
    ['the queue of the task before it', { task: 'a' }, 'celery', 'celery', 'celery'],
  ])('%s', (_where, signature, exchange, routingKey, queue) => {
    const plan = followUpsOf(task({ callbacks: [signature] }), success(1), known, idsFrom('id'));
    const [message] = [...plan.tasks, ...plan.letters].map((each) => each.message);
    expect(message).toMatchObject({ exchange, routingKey });
    expect(plan.tasks.map((row) => row.queue)).toEqual(queue === null ? [] : [queue]);
  });

  describe('by routes', () => {
    const topic = { name: 'feeds', exchange: { name: 'news', type: 'topic' }, routingKey: 'feed.#' } as const;
    const taskRoutes: TaskRoutes = [
      { a: { queue: 'feeds', priority: 4 }, 'python.*': { queue: 'python', exchange: '' }, known: 'celery' },
      (name, { tenant }) => (name === 'b' && tenant === 'acme' ? 'ours' : undefined),
      (name) => (name === 'broken' ? 'nowhere' : undefined),
    ];
    const routed = knownTasks(new TaskRouter({ queues: ['celery', 'ours', topic], taskRoutes }), [contract]);

    it.each([
      ['a queue of ours, as it is declared', { task: 'a' }, 'news', 'feed.#', 'feeds', 4],
      ["others' queue", { task: 'python.a' }, '', 'python', null, 0],
      ["its route before its contract's queue", { task: 'known' }, 'celery', 'celery', 'celery', 3],
      ['what a function says', { task: 'b', kwargs: { tenant: 'acme' } }, 'ours', 'ours', 'ours', 0],
      ['no route', { task: 'b' }, 'celery', 'celery', 'celery', 0],
      ['its own queue', { task: 'a', options: { queue: 'ours' } }, 'ours', 'ours', 'ours', 4],
      ['its own priority', { task: 'a', options: { priority: 9 } }, 'news', 'feed.#', 'feeds', 9],
      [
        'its own exchange, to a queue of ours',
        { task: 'a', options: { exchange: 'news', routing_key: 'feed.x' } },
        'news',
        'feed.x',
        'feeds',
        4,
      ],
    ])('%s', (_where, signature, exchange, routingKey, queue, priority) => {
      const plan = followUpsOf(task({ callbacks: [signature] }), success(1), routed, idsFrom('id'));
      const [message] = [...plan.tasks, ...plan.letters].map((each) => each.message);
      expect(message).toMatchObject({ exchange, routingKey });
      expect(plan.tasks.map((row) => row.queue)).toEqual(queue === null ? [] : [queue]);
      expect(sent(plan)).toMatchObject([{ priority }]);
    });

    it('is a dead letter when a function answers nonsense', () => {
      const plan = followUpsOf(task({ callbacks: [{ task: 'broken' }] }), success(1), routed, idsFrom('id'));
      expect(plan.problems).toEqual([
        expect.stringMatching(/dead letter: The task route .* for broken has queue='nowhere'/),
      ]);
    });
  });

  it('is a queue that is not ours: the message alone', () => {
    const plan = followUpsOf(task({ callbacks: [{ task: 'a' }] }), success(1), NOWHERE, idsFrom('id'));
    expect(plan).toMatchObject({ tasks: [], letters: [{ mandatory: true, message: { routingKey: 'celery' } }] });
  });

  it('has the options of its contract where it has none of its own', () => {
    const options = { priority: 7, ignore_result: false };
    const callbacks = [{ task: 'known' }, { task: 'known', options }];
    const plan = followUpsOf(task({ callbacks }), success(1), known, idsFrom('g', 'a', 'b'));
    expect(sent(plan)).toMatchObject([
      { priority: 3, ignoreResult: true },
      { priority: 7, ignoreResult: false },
    ]);
  });
});

describe('the options of a signature', () => {
  it('are all honoured', () => {
    const callback = { task: 'b' };
    const options = {
      task_id: 'chosen',
      countdown: 60,
      expires: 120,
      priority: 9,
      link: callback,
      link_error: [callback],
      reply_to: 'client',
      group_id: 'group',
      group_index: 4,
      root_id: 'ignored',
      parent_id: 'ignored',
      chain: [callback],
      time_limit: 10,
      soft_time_limit: 5,
      shadow: 'shown',
      headers: { tenant: 'acme', id: 'not this' },
    };
    const before = Date.now();
    const plan = followUpsOf(task({ callbacks: [{ task: 'a', options }] }), success(1), OURS, idsFrom());
    const [message] = sent(plan);
    expect(message).toMatchObject({
      id: 'chosen',
      rootId: 'root',
      parentId: 'parent',
      priority: 9,
      embed: { callbacks: [callback], errbacks: [callback], chain: [callback], chord: null },
      replyTo: 'client',
      group: 'group',
      groupIndex: 4,
      timeLimitSeconds: 10,
      softTimeLimitSeconds: 5,
      shadow: 'shown',
      userHeaders: { tenant: 'acme' },
    });
    expect(message?.eta?.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    expect(plan.tasks).toMatchObject([{ countdownMs: 60_000, eta: null, expiresInMs: 120_000, expiresAt: null }]);
  });

  it('of a group are those of its members, of a chain those of its first or last task', () => {
    const callback = { task: 'later' };
    const members = [{ task: 'a' }, { task: 'b', options: { countdown: 2 } }];
    const chain = {
      task: 'celery.chain',
      kwargs: { tasks: [{ task: 'first' }, { task: 'last', subtask_type: null }] },
      options: { task_id: 'end', link: callback, link_error: callback, priority: 5 },
    };
    const group = { task: 'celery.group', kwargs: { tasks: [...members, chain] }, options: { priority: 1 } };
    const plan = followUpsOf(task({ callbacks: [group] }), success(1), OURS, idsFrom('g', 'A', 'B', 'F'));
    expect(sent(plan)).toMatchObject([
      { id: 'A', group: 'g', priority: 1, args: [1] },
      { id: 'B', group: 'g', priority: 1, args: [1] },
      { id: 'F', group: null, priority: 5, args: [1], embed: { errbacks: [callback], callbacks: null } },
    ]);
    const rest = { link: [callback], link_error: [callback], task_id: 'end', group_id: 'g' };
    expect(sent(plan)[2]?.embed.chain).toMatchObject([{ task: 'last', subtask_type: null, options: rest }]);
    expect(plan.tasks.map(({ countdownMs }) => countdownMs)).toEqual([null, 2000, null]);
  });
});

describe('what cannot be sent', () => {
  const deep = JSON.parse(`${'['.repeat(99)}${']'.repeat(99)}`) as unknown;

  it.each([
    ['no object', 5, success(1), 'must be an object'],
    ['no name', { args: [] }, success(1), 'task must be the name of a task'],
    ['args that are no array', { task: 'a', args: 'b' }, success(1), 'args must be an array'],
    ['an option that cannot be', { task: 'a', options: { task_id: 5 } }, success(1), 'options.task_id must be text'],
    ['a chord', { task: 'celery.chord' }, success(1), 'chord'],
    ['a group without tasks', { task: 'celery.group' }, success(1), 'kwargs.tasks must be an array'],
    ['an empty chain', { task: 'celery.chain', kwargs: { tasks: [] } }, success(1), 'kwargs.tasks must not be empty'],
    ['a bad member', { task: 'celery.group', kwargs: { tasks: [{ task: 'a' }, 5] } }, success(1), 'must be an object'],
    ['a result that is nested too deeply', { task: 'a' }, success(deep), 'nested deeper'],
    ['a countdown beyond the calendar', { task: 'a', options: { countdown: 1e15 } }, success(1), 'valid date'],
  ])('%s: is a dead letter with the reason', (_what, signature, ending, reason) => {
    const plan = followUpsOf(task({ callbacks: [signature] }), ending, OURS, () => 'id');
    expect(plan.tasks).toEqual([]);
    expect(plan.problems).toEqual([expect.stringContaining(reason)]);
    expect(plan.letters).toMatchObject([
      {
        mandatory: true,
        message: {
          exchange: 'celeriac.dead_letters',
          routingKey: 'celery',
          envelope: {
            headers: { parent_id: 'parent', 'celeriac-dead-letter-reason': expect.stringContaining(reason) },
          },
          body: Buffer.from(JSON.stringify(signature)),
        },
      },
    ]);
  });

  it('the others are sent all the same', () => {
    const plan = followUpsOf(task({ callbacks: [5, { task: 'a' }] }), success(1), OURS, idsFrom('g', 'a'));
    expect(plan.tasks.map(({ name }) => name)).toEqual(['a']);
    expect(plan.problems).toHaveLength(1);
  });

  it('who waits for the rest of a broken chain is told', () => {
    const chain = [
      { task: 'last', options: { task_id: 'l', reply_to: 'client' } },
      { task: 5, options: { task_id: 'n', reply_to: 'client' } },
    ];
    const plan = followUpsOf(task({ chain }, { replyTo: 'client' }), success(1), OURS, idsFrom());
    expect(resultsOf(plan)).toMatchObject([
      { task_id: 'l', status: 'FAILURE', result: { exc_type: 'InvalidSignatureError' } },
      { task_id: 'parent', status: 'SUCCESS', children: [] },
    ]);
  });

  it('a group with a chord after it fails for all who wait for it', () => {
    const { embed } = requestOf(load('canvas/chain-with-group.1-task-add'));
    const plan = followUpsOf(task({ chain: embed.chain }), success(2), OURS, idsFrom());
    expect(plan.problems).toEqual([expect.stringContaining('chord')]);
    expect(resultsOf(plan)).toMatchObject([{}, {}, { task_id: 'e73039b5-96c2-4e0a-ae2f-481099b09877' }]);
  });

  it('a chord is not counted, and that is said', () => {
    const { embed } = requestOf(load('canvas/chord.1-task-add'));
    const plan = followUpsOf(task({ chord: embed.chord }), success(2), OURS, idsFrom());
    expect(plan).toEqual({ tasks: [], letters: [], problems: [expect.stringContaining('chord')] });
  });
});

describe('who is told', () => {
  const quiet = knownTasks(NO_QUEUES, [
    defineTask({ name: 'cap.add', input: z.object({}), queue: 'a', ignoreResult: true }),
  ]);
  const revoked: Ending = { state: 'REVOKED', reason: 'expired' };

  // As Celery 5.2: a caller can do without a result; a task can do without telling of anything.
  it.each([
    ['of a success', success(1), false, NOWHERE, 1],
    ['of no success when the caller ignores results', success(1), true, NOWHERE, 0],
    ['of a failure all the same', FAILURE, true, NOWHERE, 1],
    ['of a revocation all the same', revoked, true, NOWHERE, 1],
    ['of no success of a task that ignores results', success(1), false, quiet, 0],
    ['of no failure of such a task', FAILURE, false, quiet, 0],
  ])('%s', (_of, ending, ignoreResult, known, count) => {
    const plan = followUpsOf(task({}, { replyTo: 'client', ignoreResult }), ending, known, idsFrom());
    expect(plan.letters).toHaveLength(count);
  });

  it.each([null, 'a\0b'])('nobody at %j', (replyTo) => {
    expect(followUpsOf(task({}, { replyTo }), success(1), NOWHERE, idsFrom()).letters).toEqual([]);
  });

  it('is seen before: nothing follows a task that nobody waits for', () => {
    expect(isFollowed(task({ callbacks: [], chain: [] }).request)).toBe(false);
    expect(isFollowed(task({}, { replyTo: 'client' }).request)).toBe(true);
    expect(isFollowed(task({ errbacks: [{ task: 'a' }] }).request)).toBe(true);
  });
});
