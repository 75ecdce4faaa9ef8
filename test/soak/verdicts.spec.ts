import { describe, expect, it } from '@jest/globals';
import { readPage, type ShownPage } from './shown-page.js';
import { SmtpRecord } from './smtp-record.js';
import { judgeMail, type Disturbances, type Judge } from './verdicts.js';

const ANN = 'form-1-1@soak.example';
const BOB = 'form-1-2@soak.example';
const NONE: Disturbances = { workers: [], stores: [], cutsAtMs: [] };
const HOLD: Judge = { onUncertain: 'hold', disturbances: NONE };
const RESEND: Judge = { onUncertain: 'resend', disturbances: NONE };

describe('judgeMail', () => {
  /** A server's record after it has taken the mail so often. `answer`: what the client heard of it. */
  function taken(times: number, answer: 'none' | 'given' = 'given', recipients = [ANN]): SmtpRecord {
    const record = new SmtpRecord(() => undefined);
    for (let time = 0; time < times; time += 1) {
      const handOver = record.begin(0, recipients);
      record.take(handOver);
      handOver.answer = answer;
      handOver.endedAtMs = performance.now();
    }
    return record;
  }

  function judge(record: SmtpRecord, shown: ShownPage | null, how = HOLD, recipients = [ANN]) {
    return judgeMail(shown, recipients, (address) => record.of(address), how);
  }

  function page(state: string, recipients: Record<string, string> = { [ANN]: state }): ShownPage {
    return { state, recipients: new Map(Object.entries(recipients)) };
  }

  it('finds a mail delivered that was taken once and is shown as sent', () => {
    expect(judge(taken(1), page('sent'))).toMatchObject({
      outcome: 'delivered',
      wrong: [],
      doubled: 0,
      statesChecked: 2,
    });
  });

  it('finds a mail lost that is shown as sent and was never taken', () => {
    expect(judge(taken(0), page('sent'))).toMatchObject({ outcome: 'lost', wrong: [{ of: ANN, shown: 'sent' }] });
  });

  it.each(['queued', 'sending', 'retrying', 'failed', 'missing'])('finds a mail lost that ends as %s', (state) => {
    const verdict = judge(taken(0), state === 'missing' ? null : page(state));
    expect(verdict.outcome).toBe('lost');
    expect(verdict.wrong).not.toEqual([]);
  });

  it('finds a mail doubled that was taken twice', () => {
    expect(judge(taken(2), page('sent'))).toMatchObject({ doubled: 1, wrong: [{ of: ANN }] });
  });

  it('allows a second copy where the first hand-over was uncertain and resending was asked for', () => {
    expect(judge(taken(2, 'none'), page('sent'), RESEND)).toMatchObject({
      doubled: 1,
      wrong: [],
      uncertainHandOvers: 2,
    });
    expect(judge(taken(2, 'given'), page('sent'), RESEND)).toMatchObject({ doubled: 1, wrong: [{ of: ANN }] });
  });

  it('finds a mail refused that the server refused', () => {
    const record = taken(0);
    record.refuse([ANN]);
    expect(judge(record, page('refused'))).toMatchObject({ outcome: 'refused', wrong: [] });
  });

  it('finds a refusal wrong that the server never spoke', () => {
    const record = taken(0);
    record.putOff([ANN]);
    expect(judge(record, page('refused'))).toMatchObject({ outcome: 'lost', wrong: [{ of: ANN, shown: 'refused' }] });
  });

  it('believes that a mail is uncertain only when a hand-over was cut short', () => {
    expect(judge(taken(1, 'none'), page('uncertain'))).toMatchObject({ outcome: 'uncertain', wrong: [] });
    expect(judge(taken(1, 'given'), page('uncertain'))).toMatchObject({ wrong: [{ of: ANN, shown: 'uncertain' }] });
  });

  it.each<[what: string, isUncertain: boolean, disturbance: (now: number) => Partial<Disturbances>]>([
    ['its worker died', true, (now) => ({ workers: [{ worker: 0, fromMs: now + 1000, toMs: now + 1000 }] })],
    ['another worker died', false, (now) => ({ workers: [{ worker: 1, fromMs: now + 1000, toMs: now + 1000 }] })],
    [
      'its worker died long after',
      false,
      (now) => ({ workers: [{ worker: 0, fromMs: now + 8000, toMs: now + 8000 }] }),
    ],
    ['Postgres was away for longer than a lease', true, (now) => ({ stores: [{ fromMs: now, toMs: now + 6000 }] })],
    ['Postgres was away for a moment', false, (now) => ({ stores: [{ fromMs: now, toMs: now + 500 }] })],
    [
      'Postgres was away, and its worker died before it could write',
      true,
      (now) => ({
        stores: [{ fromMs: now, toMs: now + 2000 }],
        workers: [{ worker: 0, fromMs: now + 6000, toMs: now + 6000 }],
      }),
    ],
    ['all links were cut in that moment', true, (now) => ({ cutsAtMs: [now + 100] })],
    ['all links were cut later', false, (now) => ({ cutsAtMs: [now + 1000] })],
  ])('whose reply was given, and %s: uncertain can be true: %p', (_what, isUncertain, disturbance) => {
    const record = taken(1);
    const disturbances = { ...NONE, ...disturbance(performance.now()) };
    expect(judge(record, page('uncertain'), { ...HOLD, disturbances }).wrong).toHaveLength(isUncertain ? 0 : 1);
  });

  it("checks the mail's own state against its recipients'", () => {
    const record = taken(1);
    record.refuse([BOB]);
    const states = { [ANN]: 'sent', [BOB]: 'refused' };
    expect(judge(record, page('refused', states), HOLD, [ANN, BOB])).toMatchObject({ outcome: 'refused', wrong: [] });
    const wrong = judge(record, page('sent', states), HOLD, [ANN, BOB]).wrong;
    expect(wrong).toMatchObject([{ of: 'mail', shown: 'sent' }]);
  });
});

describe('readPage', () => {
  it("reads the mail's state and each recipient's out of the page", () => {
    const html = `<section class="card state" data-state="refused" data-tone="bad"><ul>
      <li class="row" data-recipient-state="sent"><div><span class="address">${ANN}</span></div></li>
      <li class="row" data-recipient-state="refused"><div><span class="address">${BOB}</span></div></li></ul></section>`;
    expect(readPage(html)).toEqual({
      state: 'refused',
      recipients: new Map([
        [ANN, 'sent'],
        [BOB, 'refused'],
      ]),
    });
  });
});
