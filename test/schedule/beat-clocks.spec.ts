import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { BeatTeam } from '../fixtures/beat-team.js';
import { expectEachOnce, expectOneMessageEach } from './expect-each-once.js';

const CLOCK = pathToFileURL(join(process.cwd(), 'test/dist/fixtures/settable-clock.js')).href;
const OFF_MS = 3000;
const EXPIRES_SECONDS = 60;
const JITTER_SECONDS = 1;

/** Postgres has another machine's clock, and those of the beats are off by three seconds. */
describe('beats whose clocks are wrong', () => {
  let team: BeatTeam;

  beforeAll(async () => {
    team = await BeatTeam.start();
  });

  afterAll(() => team.stop());

  function startOff(offMs: number): Promise<AppProcess> {
    return team.startBeat({ NODE_OPTIONS: `--import=${CLOCK}`, CLOCK_OFF_MS: String(offMs) });
  }

  it("send each time once, and at Postgres's time, neither early nor late", async () => {
    const ahead = await startOff(OFF_MS);
    await team.addEverySecond(5);
    await team.add('with options', {
      missed: 'all',
      jitterSeconds: JITTER_SECONDS,
      options: { expires: EXPIRES_SECONDS },
    });
    await team.untilTicks('with options', 2);
    await startOff(-OFF_MS);
    await team.untilTicks('with options', 2);
    await ahead.stop();
    await team.untilTicks('with options', 2);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
    const lateMs = (await team.ticks()).map(({ late_ms: late }) => late);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lateMs)).toBeLessThan(OFF_MS);
  });

  it("have jitter and expiry count by Postgres's time, too", async () => {
    const tasks = await team.query<{ jitter: number; expires: number }>(
      `SELECT extract(epoch FROM task.due_at - tick.due_at)::float8 AS jitter,
         extract(epoch FROM task.expires_at - tick.created_at)::float8 AS expires
       FROM schedule_tick tick JOIN task ON task.id = tick.task_id WHERE entry = 'with options'`,
    );
    expect(tasks.length).toBeGreaterThanOrEqual(6);
    for (const { jitter, expires } of tasks) {
      expect(jitter).toBeGreaterThanOrEqual(0);
      expect(jitter).toBeLessThanOrEqual(JITTER_SECONDS);
      expect(expires).toBeCloseTo(EXPIRES_SECONDS + jitter, 3);
    }
  });
});
