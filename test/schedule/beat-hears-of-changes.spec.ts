import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BeatTeam } from '../fixtures/beat-team.js';

/** By itself a beat looks after that at the latest; for so long it has slept when it has heard of nothing. */
const LONGEST_SLEEP_MS = 5000;
/** It is a few milliseconds, and more on a machine that has other things to do. */
const SOON_MS = LONGEST_SLEEP_MS / 2;
/** Long enough that it is not past when it is written, on such a machine too. */
const SHORTLY_MS = 1000;
const LISTENING = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;

/** A change is made in this process, and takes effect in that of a beat which sleeps. */
describe('a beat that sleeps', () => {
  let team: BeatTeam;

  beforeAll(async () => {
    team = await BeatTeam.start();
    await team.startBeat();
  });

  afterEach(() => team.forget());

  afterAll(() => team.stop());

  /** When it has sent that, it sleeps for as long as it ever does: nothing else is ever due. */
  async function sendOnce(name: string): Promise<void> {
    const at = new Date(Number(await team.now()) + SHORTLY_MS);
    await team.add(name, { oneOff: true, schedule: { type: 'clocked', at } });
    await team.untilTicks(name, 1);
  }

  async function lateMs(name: string): Promise<number> {
    const [tick] = await team.ticks(name);
    return tick?.late_ms ?? Infinity;
  }

  async function expectHearing(what: string): Promise<void> {
    await sendOnce(`at ${what}`);
    await sendOnce(`after ${what}`);
    expect(await lateMs(`after ${what}`)).toBeLessThan(SOON_MS);
  }

  it('hears of a new entry, of one that is enabled, and of one that is changed', async () => {
    const never = { type: 'crontab', crontab: '0 0 29 2 *', timezone: 'UTC' } as const;
    await team.add('enabled', { enabled: false, oneOff: true });
    await team.add('changed', { schedule: never, oneOff: true });
    await sendOnce('first');
    await sendOnce('new');
    expect(await lateMs('new')).toBeLessThan(SOON_MS);
    await team.book.enable('enabled');
    await team.untilTicks('enabled', 1);
    expect(await lateMs('enabled')).toBeLessThan(SOON_MS);
    await team.book.change('changed', { schedule: { type: 'interval', every: 1, period: 'seconds' } });
    await team.untilTicks('changed', 1);
    expect(await lateMs('changed')).toBeLessThan(SOON_MS);
  });

  it('does not send what has been disabled or removed a moment before', async () => {
    await team.addEverySecond(10);
    await team.untilTicks('every second 0', 2);
    await team.book.disable('every second 0');
    await team.book.remove('every second 1');
    const doneAt = await team.now();
    await team.untilTicks('every second 2', 2);
    const late = (await team.ticks()).filter(({ entry, created_at: createdAt }) => {
      return ['every second 0', 'every second 1'].includes(entry) && createdAt > doneAt;
    });
    expect(late).toEqual([]);
  });

  it('looks by itself while it hears nothing, and listens again, however its connection has ended', async () => {
    await team.reset();
    const line = await team.proxyToDatabase();
    // A link that is dead and does not say so.
    const deaf = line.freezeAt('after', 'LISTEN celeriac_schedule');
    await team.startBeat({ DATABASE_URL: line.url });
    await deaf;
    await sendOnce('first');
    await sendOnce('not heard of');
    expect(await lateMs('not heard of')).toBeLessThan(LONGEST_SLEEP_MS + SOON_MS);
    line.cut();
    const { pid } = await team.until<{ pid: number }>(LISTENING);
    await expectHearing('a cut');
    await team.query('SELECT pg_terminate_backend($1)', pid);
    await team.until(`${LISTENING} AND pid <> $1`, pid);
    await expectHearing('an end');
  });
});
