import { LEASE_SECONDS } from './plan.js';
import type { ShownPage } from './shown-page.js';
import type { AddressRecord, HandOver } from './smtp-record.js';

/** A stretch of the monotonic clock. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** What may have kept a reply that the server gave from being written down. */
export interface Disturbances {
  /** A worker was dead or frozen. */
  workers: Array<Span & { worker: number }>;
  /** Postgres was away. */
  stores: Span[];
  /** All links to the SMTP server were cut. */
  cutsAtMs: number[];
}

/** In this time a reply is written down, if nothing is in the way. */
const SETTLE_MS = 5000;
/** When Postgres was away for longer than this, a worker's lease may have run out, and another has its tasks. */
const LEASE_AT_RISK_MS = (LEASE_SECONDS * 1000) / 2;
/** A reply that was said so shortly before the link was cut may never have come. */
const IN_FLIGHT_MS = 200;

export interface Judge {
  onUncertain: 'hold' | 'resend';
  disturbances: Disturbances;
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
  const records = recipients.map((address) => ({ address, record: recordOf(address) }));
  const handOvers = new Set(records.flatMap(({ record }) => record.handOvers));
  const uncertainHandOvers = [...handOvers].filter((handOver) => isUncertain(handOver, judge)).length;
  const judged = records.map(({ address, record }) => {
    const shown = page?.recipients.get(address) ?? 'missing';
    return { of: address, shown, record, problem: problemOf(shown, record, uncertainHandOvers, judge) };
  });
  const wrong: WrongState[] = judged.flatMap(({ of, shown, problem }) =>
    problem === null ? [] : [{ of, shown, problem }],
  );
  const states = judged.map(({ shown }) => shown);
  const whole = page?.state ?? 'missing';
  if (!isWhole(whole, states)) {
    wrong.push({ of: 'mail', shown: whole, problem: `its recipients are shown as ${states.join(', ')}` });
  }
  const isLost = judged.some(
    ({ shown, record }) => record.accepted === 0 && record.refused === 0 && shown !== 'uncertain',
  );
  return {
    outcome: isLost ? 'lost' : outcomeOf(whole),
    statesChecked: recipients.length + 1,
    wrong,
    doubled: judged.reduce((sum, { record }) => sum + Math.max(0, record.accepted - 1), 0),
    uncertainHandOvers,
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

/**
 * What is wrong with the state that a page shows of a recipient; null when it is true.
 *
 * @param uncertain - uncertain hand-overs of the whole mail: a worker that dies in one takes with it what the server had
 * said of the other recipients before
 */
function problemOf(
  shown: string,
  { accepted, refused }: AddressRecord,
  uncertain: number,
  { onUncertain }: Judge,
): string | null {
  const times = `the server took it ${accepted} times and refused it ${refused} times`;
  switch (shown) {
    case 'sent':
      return accepted >= 1 && accepted <= (onUncertain === 'resend' ? 1 + uncertain : 1) ? null : times;
    case 'refused':
      return accepted === 0 && refused > 0 ? null : times;
    case 'uncertain':
      if (uncertain === 0) return `no hand-over was cut short: ${times}`;
      return accepted <= 1 ? null : times;
    default:
      return `that is no end: ${times}`;
  }
}

/** Whether nobody on our side can know what came of it: no reply, or nobody who could write the reply down. */
function isUncertain(
  { answer, worker, dataAtMs, endedAtMs = dataAtMs }: HandOver,
  { disturbances: { workers, stores, cutsAtMs } }: Judge,
): boolean {
  if (answer !== 'given') return true;
  const isMeanwhile = ({ fromMs, toMs }: Span, untilMs: number): boolean => toMs >= dataAtMs && fromMs <= untilMs;
  const away = stores.filter((span) => isMeanwhile(span, endedAtMs + SETTLE_MS));
  const settledByMs = Math.max(endedAtMs, ...away.map(({ toMs }) => toMs)) + SETTLE_MS;
  return (
    workers.some((span) => span.worker === worker && isMeanwhile(span, settledByMs)) ||
    away.some(({ fromMs, toMs }) => toMs - fromMs > LEASE_AT_RISK_MS) ||
    cutsAtMs.some((atMs) => dataAtMs <= atMs && atMs <= endedAtMs + IN_FLIGHT_MS)
  );
}
