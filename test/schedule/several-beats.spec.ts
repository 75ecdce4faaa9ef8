import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { BeatTeam } from '../fixtures/beat-team.js';
import { expectEachOnce, expectOneMessageEach } from './expect-each-once.js';

const ENTRIES = 30;

/** Processes on one database. */
describe('several beats', () => {
  let team: BeatTeam;

  beforeAll(async () => {
    team = await BeatTeam.start();
  });

  afterEach(() => team.forget());

  afterAll(() => team.stop());

  function hasSent(beat: AppProcess): boolean {
    return beat.lines.some((line) => /Sent (\d+ tasks|test\.tick)/.test(line));
  }

  it('send each time once, when there are two', async () => {
    await team.startBeats(2);
    const [first = ''] = await team.addEverySecond(ENTRIES);
    await team.untilTicks(first, 4);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });

  it('send each time once, when there are five, and share the work', async () => {
    await team.startBeats(3);
    const [first = ''] = await team.addEverySecond(ENTRIES);
    await team.untilTicks(first, 6);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
    expect(team.beats.filter(hasSent).length).toBeGreaterThan(1);
  });

  it('send each time once, while one after the other is killed at any moment and started again', async () => {
    const [first = ''] = await team.addEverySecond(ENTRIES);
    const restarts: Array<Promise<AppProcess>> = [];
    for (const victim of team.beats.slice()) {
      await sleep(Math.random() * 1000);
      await victim.stop('SIGKILL');
      restarts.push(team.startBeat());
    }
    await Promise.all(restarts);
    await team.untilTicks(first, 2);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });

  it('send each time once, when all are killed at the same moment', async () => {
    const [first = ''] = await team.addEverySecond(ENTRIES);
    await team.untilTicks(first, 1);
    await Promise.all(team.beats.splice(0).map((beat) => beat.stop('SIGKILL')));
    await team.startBeat();
    await team.untilTicks(first, 2);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });
});
