import type { ShownPage } from './shown-page.js';
import type { AddressRecord, HandOver } from './smtp-record.js';

/** A hand-over that overlaps this time may have been cut short, by the death of its worker for instance. */
export interface Disturbance {
  /** Undefined: all of them. */
  worker: number | undefined;
  fromMs: number;
  toMs: number;
}

export interface Judge {
  onUncertain: 'hold' | 'resend';
  disturbances: readonly Disturbance[];
}

/** A state on a page that is not what the SMTP server saw. */
export interface WrongState {
  /** The address; or `mail` for the state of the mail as a whole. */
  of: string;
  shown: string;
  problem: string;
}

/** What comparing one mail's page with the SMTP server's record came to. */
export interface MailVerdict {
  outcome: 'delivered' | 'refused' | 'uncertain' | 'lost';
  /** States on the page: one for each recipient, and the mail's own. */
  statesChecked: number;
  wrong: WrongState[];
  /** How often the server took the mail once too often, over all recipients. */
  doubled: number;
  /** Hand-overs that nobody can be sure of. */
  uncertainHandOvers: number;
}

/**
 * Compares what the page of a mail says with what the SMTP server saw.
 *
 * @param page - null when there is no such page
 * @param recordOf - the server's record of an address
 */
export function judgeMail(
  page: ShownPage | null,
  recipients: readonly string[],
  recordOf: (address: string) => AddressRecord,
  judge: Judge,
): MailVerdict {
  const judged = recipients.map((address) => {
    const record = recordOf(address);
    const shown = page?.recipients.get(address) ?? 'missing';
    return { of: address, shown, record, problem: problemOf(shown, record, judge) };
  });
  const wrong: WrongState[] = judged.flatMap(({ of, shown, problem }) =>
    problem === null ? [] : [{ of, shown, problem }],
  );
  const states = judged.map(({ shown }) => shown);
  const whole = page?.state ?? 'missing';
  if (!isWhole(whole, states)) {
    wrong.push({ of: 'mail', shown: whole, problem: `its recipients are shown as ${states.join(', ')}` });
  }
  if (page !== null && page.recipients.size !== recipients.length) {
    wrong.push({ of: 'mail', shown: whole, problem: `the page has ${page.recipients.size} recipients` });
  }
  const isLost = judged.some(
    ({ shown, record }) => record.accepted === 0 && record.refused === 0 && shown !== 'uncertain',
  );
  const handOvers = new Set(judged.flatMap(({ record }) => record.handOvers));
  return {
    outcome: isLost ? 'lost' : outcomeOf(whole),
    statesChecked: recipients.length + 1,
    wrong,
    doubled: judged.reduce((sum, { record }) => sum + Math.max(0, record.accepted - 1), 0),
    uncertainHandOvers: [...handOvers].filter((handOver) => isUncertain(handOver, judge)).length,
  };
}

function outcomeOf(whole: string): MailVerdict['outcome'] {
  if (whole === 'sent') return 'delivered';
  return whole === 'refused' || whole === 'uncertain' ? whole : 'lost';
}

/** Whether a mail's own state is one that its recipients' states allow: sent only when all were. */
function isWhole(whole: string, states: readonly string[]): boolean {
  return states.includes(whole) && (whole !== 'sent' || states.every((state) => state === 'sent'));
}

/** What is wrong with the state that a page shows of a recipient; null when it is true. */
function problemOf(shown: string, record: AddressRecord, judge: Judge): string | null {
  const { accepted, refused, handOvers } = record;
  const uncertain = handOvers.filter((handOver) => isUncertain(handOver, judge)).length;
  switch (shown) {
    case 'sent': {
      const most = judge.onUncertain === 'resend' ? 1 + uncertain : 1;
      return accepted >= 1 && accepted <= most ? null : `the server took it ${accepted} times`;
    }
    case 'refused':
      if (accepted > 0) return `the server took it ${accepted} times`;
      return refused > 0 ? null : 'the server never said so';
    case 'uncertain':
      if (accepted > 1) return `the server took it ${accepted} times`;
      return uncertain > 0 ? null : `no hand-over was cut short (taken ${accepted} times, refused ${refused} times)`;
    default:
      return `that is no end (taken ${accepted} times, refused ${refused} times)`;
  }
}

/** Whether nobody on our side can know what came of it: no reply, or nobody who could write the reply down. */
function isUncertain({ answer, dataAtMs, endedAtMs = dataAtMs, worker }: HandOver, { disturbances }: Judge): boolean {
  if (answer !== 'given') return true;
  return disturbances.some(
    (disturbance) =>
      (disturbance.worker === undefined || disturbance.worker === worker) &&
      disturbance.toMs >= dataAtMs &&
      disturbance.fromMs <= endedAtMs,
  );
}
