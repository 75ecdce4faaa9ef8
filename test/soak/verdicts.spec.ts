import { describe, expect, it } from '@jest/globals';
import { readPage, type ShownPage } from './shown-page.js';
import { SmtpRecord } from './smtp-record.js';
import { judgeMail, type Judge } from './verdicts.js';

const ANN = 'form-1-1@soak.example';
const BOB = 'form-1-2@soak.example';
const HOLD: Judge = { onUncertain: 'hold', disturbances: [] };
const RESEND: Judge = { onUncertain: 'resend', disturbances: [] };

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
    const now = performance.now();
    const died = { worker: 0, fromMs: now - 10_000, toMs: now + 10_000 };
    expect(judge(taken(1), page('uncertain'), { ...HOLD, disturbances: [died] })).toMatchObject({ wrong: [] });
    const other = { ...died, worker: 1 };
    expect(judge(taken(1), page('uncertain'), { ...HOLD, disturbances: [other] }).wrong).toHaveLength(1);
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
