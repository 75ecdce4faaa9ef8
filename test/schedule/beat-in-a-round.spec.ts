import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { BeatTeam } from '../fixtures/beat-team.js';
import type { TcpProxy } from '../fixtures/tcp-proxy.js';
import { expectEachOnce, expectOneMessageEach } from './expect-each-once.js';

/** At the latest a beat looks again then. */
const LONGEST_SLEEP_MS = 5000;
/** The other processes of this machine want it, too. */
const SLACK_MS = 3000;
/** After so long Postgres ends the transaction of a beat that is silent. */
const SILENCE_MS = 1000;
const AT_COMMIT = ['INSERT INTO schedule_tick', 'COMMIT'];

/** A beat is killed (-9) or frozen in the middle of a round, with entries in hand, and another one is there. */
describe('a beat in the middle of a round', () => {
  let team: BeatTeam;
  let other: AppProcess;
  let victim: AppProcess;
  let line: TcpProxy;

  beforeAll(async () => {
    team = await BeatTeam.start();
    other = await team.startBeat();
  });

  afterEach(async () => {
    other.signal('SIGCONT');
    await kill();
    await team.forget();
  });

  afterAll(() => team.stop());

  /** Starts a beat, and has it take entries alone, until it has come to that moment. */
  async function holdAt(moment: 'before' | 'after', texts: string[]): Promise<string> {
    line = await team.proxyToDatabase();
    victim = await team.startBeat({ DATABASE_URL: line.url, SILENCE_MS: String(SILENCE_MS) });
    other.signal('SIGSTOP');
    const reached = line.freezeAt(moment, ...texts);
    const [first = ''] = await team.addEverySecond(3);
    await reached;
    return first;
  }

  /** Kills it; what was on its way to Postgres never gets there. */
  async function kill(): Promise<void> {
    await victim.stop('SIGKILL');
    line.cut();
  }

  it.each<[step: string, moment: 'before' | 'after', texts: string[]]>([
    ['before its times are written', 'before', ['INSERT INTO schedule_tick']],
    ['before its tasks are written', 'before', ['celeriac_enqueue']],
    ['before it hears of the commit', 'after', AT_COMMIT],
  ])('is killed %s, another one sends each time once', async (_step, moment, texts) => {
    const entry = await holdAt(moment, texts);
    await kill();
    other.signal('SIGCONT');
    await team.untilTicks(entry, 2);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });

  it('is killed before the commit, another one that sleeps takes over when it looks again', async () => {
    const entry = await holdAt('before', AT_COMMIT);
    other.signal('SIGCONT');
    // By then it has looked, left to the first one what that has in hand, and sleeps.
    await team.add('meanwhile', { oneOff: true });
    await team.untilTicks('meanwhile', 1);
    const killedAt = await team.now();
    await kill();
    await team.untilTicks(entry, 1);
    const [first] = await team.ticks(entry);
    expect(Number(first?.created_at) - Number(killedAt)).toBeLessThan(LONGEST_SLEEP_MS + SLACK_MS);
    await team.book.remove('meanwhile');
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });

  it('is frozen, others go on, take over when Postgres gives it up, and it does nothing twice when it wakes', async () => {
    const entry = await holdAt('before', AT_COMMIT);
    victim.signal('SIGSTOP');
    other.signal('SIGCONT');
    await team.add('meanwhile', { missed: 'all' });
    await team.untilTicks('meanwhile', 1);
    await team.untilTicks(entry, 2);
    const givenUp = victim.nextLine(/periodic tasks wait/);
    line.thaw();
    victim.signal('SIGCONT');
    await givenUp;
    other.signal('SIGSTOP');
    await team.untilTicks(entry, 2);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
  });
});
