import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DemoPlace } from '../fixtures/cli/celeriac.js';
import { DeadLetterApp } from '../fixtures/dead-letter-app.js';
import { playedTask } from '../fixtures/played-task.js';

const played = playedTask();
played.parts.set('reject once', (task) => (task.attempt === 1 ? task.reject('not yet') : 'done'));

let place: DemoPlace;
let fixture: DeadLetterApp;

beforeAll(async () => {
  place = await DemoPlace.create();
  fixture = await DeadLetterApp.start({ providers: [played.Player], queues: ['work', 'other'], beside: place });
});

afterEach(() => fixture.letters.discard('work', 'all'));

afterAll(async () => {
  await fixture.stop();
  await place.drop();
});

/** Sends a task that is rejected. @returns its id */
async function reject(): Promise<string> {
  const { id } = await fixture.app.tasks.delay(played.contract, { part: 'reject once' });
  await fixture.app.untilState(id, 'FAILURE');
  return id;
}

describe('celeriac dlq', () => {
  it('list says how many dead letters each queue has, and lists those of one', async () => {
    await reject();
    await fixture.untilCount('work', 1);
    const counts = await place.run('dlq', 'list');
    expect(counts.stdout.trimEnd().split('\n')).toEqual(['QUEUE  LETTERS', 'work   1', 'other  0']);
    const { exitCode, stdout } = await place.run('dlq', 'list', 'work');
    expect(exitCode).toBe(0);
    const [letter] = await fixture.letters.list('work');
    expect(stdout).toMatch(
      new RegExp(`^LETTER +DIED +NAME +REASON\n${letter?.id} +20\\S+ \\S+ +test.played +not yet\n$`),
    );
    expect(await place.json('dlq', 'list')).toEqual([
      { queue: 'work', count: 1 },
      { queue: 'other', count: 0 },
    ]);
    expect(await place.json('dlq', 'list', 'work')).toEqual(JSON.parse(JSON.stringify([letter])));
    expect((await place.run('dlq', 'list', 'other')).stdout).toBe('No dead letters.\n');
  });

  it('show shows all of one, and does nothing that its bytes would have a terminal do', async () => {
    fixture.publish('work', 'what\x1B[2Jwhat', { id: 'odd', task: 'odd\x07task' });
    const letter = await fixture.untilLetter();
    const { exitCode, stdout } = await place.run('dlq', 'show', 'work', letter.id);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('what\uFFFD[2Jwhat');
    expect(stdout).toMatch(/^origin +queue work, exchange work, key work$/m);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect((await place.run('dlq', 'show', 'work', letter.id, '--raw')).stdout).toBe('what\x1B[2Jwhat');
    expect(await place.run('dlq', 'show', 'work', 'nobody')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: work has no dead letter nobody.\n',
    });
  });

  it('send-back sends those named back, or all, and says what became of each', async () => {
    const ids = [await reject(), await reject(), await reject()];
    const [first, ...others] = await fixture.untilLetters('work', 3);
    const one = await place.run('dlq', 'send-back', 'work', first?.id ?? '');
    expect(one).toEqual({ exitCode: 0, stdout: '1 sent back.\n', stderr: '' });
    await fixture.app.untilState(first?.taskId ?? '', 'SUCCESS');
    const [stale] = others;
    await place.database.dataSource.query('UPDATE task SET generation = 9 WHERE id = $1', [stale?.taskId]);
    const all = await place.run('dlq', 'send-back', 'work', '--all');
    expect(all.exitCode).toBe(1);
    expect(all.stdout).toMatch(new RegExp(`^1 sent back.\n\nLETTER *\n${stale?.id} +stays: its task has moved on`));
    await fixture.app.untilState(others[1]?.taskId ?? '', 'SUCCESS');
    expect(ids).toContain(stale?.taskId);
    expect(await place.json('dlq', 'send-back', 'work', 'nobody')).toEqual([
      { id: 'nobody', taskId: null, outcome: 'missing' },
    ]);
  });

  it('discard drops those named; all of them only with --force where nobody can be asked', async () => {
    for (const _task of 'abc') await reject();
    const [first] = await fixture.untilLetters('work', 3);
    expect(await place.run('dlq', 'discard', 'work', first?.id ?? '')).toMatchObject({ stdout: '1 discarded.\n' });
    expect(await place.run('dlq', 'discard', 'work', '--all')).toMatchObject({
      exitCode: 2,
      stderr: 'error: Without a terminal to ask at, discard --all needs --force.\n',
    });
    expect((await fixture.letters.counts()).get('work')).toBe(2);
    expect(await place.run('dlq', 'discard', 'work', '--all', '--force')).toMatchObject({ stdout: '2 discarded.\n' });
    expect((await fixture.letters.counts()).get('work')).toBe(0);
  });

  it('wants ids or --all, and a queue that there is', async () => {
    for (const args of [['work'], ['work', 'an-id', '--all']]) {
      expect(await place.run('dlq', 'send-back', ...args)).toMatchObject({
        exitCode: 2,
        stderr: 'error: Expected the ids of letters, or --all.\n',
      });
    }
    const { exitCode, stderr } = await place.run('dlq', 'list', 'wrk');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no queue wrk. Did you mean work?');
  });
});
