import { beforeEach, describe, expect, it } from '@jest/globals';
import { SnoozeTaskError } from '@celeriac/tasks';
import type { MailServerTrouble, ProbePermit } from '../store/mail-server-trouble.js';
import { MailNotSentError, MailSetUpError } from '../transports/mail-not-sent.error.js';
import { MailServerGate } from './mail-server-gate.js';

const wrongLogin = new MailSetUpError('535 Who are you', 'Check the login.');

/** Trouble kept in memory; its clock is turned by hand. */
class TroubleNote implements Pick<MailServerTrouble, keyof MailServerTrouble> {
  problem: string | null = null;
  isProbeDue = false;
  reports = 0;

  async current() {
    return null;
  }

  async takeProbe(): Promise<ProbePermit> {
    if (this.problem === null) return 'free';
    if (!this.isProbeDue) return 'wait';
    this.isProbeDue = false;
    return 'probe';
  }

  async report({ problem }: { problem: string }, isProbe: boolean): Promise<number | null> {
    this.reports += 1;
    if (this.problem !== null && !isProbe) return null;
    this.problem = problem;
    return 15;
  }

  async expedite(): Promise<boolean> {
    this.isProbeDue = this.problem !== null;
    return this.isProbeDue;
  }

  async clear(): Promise<void> {
    this.problem = null;
  }
}

describe('MailServerGate', () => {
  let trouble: TroubleNote;
  let gate: MailServerGate;
  let lines: string[];
  let woken: Array<number | 'all'>;
  let sent: number;

  beforeEach(() => {
    trouble = new TroubleNote();
    [lines, woken, sent] = [[], [], 0];
    gate = newGate();
  });

  function newGate(): MailServerGate {
    const note = (line: string): void => void lines.push(line);
    const wake = async (limit?: number): Promise<void> => void woken.push(limit ?? 'all');
    return new MailServerGate(trouble as unknown as MailServerTrouble, { log: note, error: note }, wake, () => 0.5);
  }

  async function succeed(): Promise<string> {
    sent += 1;
    return '250 Ok';
  }

  const failWith = (error: Error) => async (): Promise<never> => {
    sent += 1;
    throw error;
  };

  it('lets mails through, all at once, when the first has got through', async () => {
    await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
    await Promise.all([gate.pass(succeed), gate.pass(succeed)]);
    expect({ sent, reports: trouble.reports }).toEqual({ sent: 3, reports: 0 });
  });

  it('has one mail meet a wrong set-up, and puts all of them off', async () => {
    const results = await Promise.allSettled([1, 2, 3].map(() => gate.pass(failWith(wrongLogin))));
    const errors = results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : null));
    expect(errors).toEqual([expect.any(SnoozeTaskError), expect.any(SnoozeTaskError), expect.any(SnoozeTaskError)]);
    expect(errors).toMatchObject([{ countdownSeconds: 15 }, { countdownSeconds: 180 }, { countdownSeconds: 180 }]);
    expect(sent).toBe(1);
    expect(lines).toEqual([
      'The mail server refuses us: 535 Who are you. Check the login. Mails wait; the next one tries in 15 s.',
    ]);
  });

  it('lets nobody through until a probe is due, then one, and all when that succeeds', async () => {
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    await expect(gate.pass(succeed)).rejects.toMatchObject({ countdownSeconds: 180 });
    trouble.isProbeDue = true;
    await expect(Promise.all([gate.pass(succeed), gate.pass(succeed)])).resolves.toEqual(['250 Ok', '250 Ok']);
    expect({ sent, woken, problem: trouble.problem }).toEqual({ sent: 3, woken: ['all'], problem: null });
  });

  it('stays closed when a probe fails', async () => {
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    trouble.isProbeDue = true;
    await expect(gate.pass(failWith(wrongLogin))).rejects.toMatchObject({ countdownSeconds: 15 });
    await expect(gate.pass(succeed)).rejects.toThrow(SnoozeTaskError);
    expect({ sent, reports: trouble.reports }).toEqual({ sent: 2, reports: 2 });
  });

  it.each([
    ['was refused', new MailNotSentError('refused', '554 Spam', []), null],
    ['found the server away', new MailNotSentError('temporary', 'ECONNREFUSED', []), '535 Who are you'],
  ])('after a probe that %s, the trouble is %p', async (_what, error, problem) => {
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    trouble.isProbeDue = true;
    await expect(gate.pass(failWith(error))).rejects.toBe(error);
    expect(trouble.problem).toBe(problem);
  });

  it('opens when another worker has cleared the trouble', async () => {
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    await trouble.clear();
    await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
    expect(woken).toEqual([]);
  });

  it('closes when the server begins to refuse us', async () => {
    await gate.pass(succeed);
    await Promise.allSettled([gate.pass(failWith(wrongLogin)), gate.pass(failWith(wrongLogin))]);
    await expect(gate.pass(succeed)).rejects.toThrow(SnoozeTaskError);
    expect({ sent, lines: lines.length }).toEqual({ sent: 3, lines: 1 });
  });

  it('does not hold mails up behind the first when the server is away', async () => {
    const away = new MailNotSentError('temporary', 'ECONNREFUSED', []);
    await expect(gate.pass(failWith(away))).rejects.toBe(away);
    await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
  });

  it.each([false, true])(
    'lets others follow when the server has let the first in (after trouble: %p)',
    async (isTroubled) => {
      if (isTroubled) {
        await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
        trouble.isProbeDue = true;
      }
      let finish = (): void => undefined;
      const slow = gate.pass(async (letIn) => {
        letIn();
        await new Promise<void>((resolve) => (finish = resolve));
        return '250 At last';
      });
      await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
      finish();
      await expect(slow).resolves.toBe('250 At last');
      expect({ woken, problem: trouble.problem }).toEqual({ woken: isTroubled ? ['all'] : [], problem: null });
    },
  );

  it('says that a mail was sent even if the end of the trouble cannot be written down', async () => {
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    trouble.isProbeDue = true;
    trouble.clear = async () => Promise.reject(new Error('connection lost'));
    await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
    expect(lines.at(-1)).toContain('connection lost');
  });

  it('has a mail try at once in a worker that starts, for it may have other settings', async () => {
    await gate.start();
    expect(woken).toEqual([]);
    await expect(gate.pass(failWith(wrongLogin))).rejects.toThrow(SnoozeTaskError);
    gate = newGate();
    await gate.start();
    await expect(gate.pass(succeed)).resolves.toBe('250 Ok');
    expect({ woken, problem: trouble.problem }).toEqual({ woken: [1, 'all'], problem: null });
  });
});
