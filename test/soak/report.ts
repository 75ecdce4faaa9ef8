import type { FaultKind } from './plan.js';
import type { MailVerdict } from './verdicts.js';

/** What a soak came to. */
export interface SoakResult {
  seed: number;
  onUncertain: 'hold' | 'resend';
  /** How many were injected, by kind. */
  faults: Partial<Record<FaultKind, number>>;
  /** Those that could not be injected, as the queue that was to be deleted was gone already. */
  faultFailures: string[];
  /** Forms that were accepted; each is one of the next four. */
  accepted: number;
  delivered: number;
  refused: number;
  uncertain: number;
  lost: number;
  /** Copies that the SMTP server took beyond the first, over all recipients. */
  doubled: number;
  /** Hand-overs of which nobody on our side can know what came of them. */
  uncertainHandOvers: number;
  statesChecked: number;
  statesWrong: number;
  longestRecoveryMs: number;
  /** The kind of the fault that it took longest to recover from; null when there was none. */
  slowestFault: FaultKind | null;
  /** Processes of ours that ended though nobody told them to. */
  deaths: string[];
  /** Answers to a form that were neither an acceptance nor 503: by status. */
  strangeAnswers: Record<number, number>;
  /** Where the logs are; null when all was well, for then they are gone. */
  logFolder: string | null;
}

/** Whether every promise was kept. */
export function isWell(result: SoakResult): boolean {
  const { lost, doubled, statesWrong, deaths, onUncertain, uncertainHandOvers } = result;
  const mostDoubled = onUncertain === 'resend' ? uncertainHandOvers : 0;
  return lost === 0 && doubled <= mostDoubled && statesWrong === 0 && deaths.length === 0;
}

/** Adds up what the comparison of each mail came to. */
export function sumUp(verdicts: readonly MailVerdict[]) {
  const having = (outcome: MailVerdict['outcome']): number =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const sum = (count: (verdict: MailVerdict) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  return {
    accepted: verdicts.length,
    delivered: having('delivered'),
    refused: having('refused'),
    uncertain: having('uncertain'),
    lost: having('lost'),
    doubled: sum(({ doubled }) => doubled),
    uncertainHandOvers: sum(({ uncertainHandOvers }) => uncertainHandOvers),
    statesChecked: sum(({ statesChecked }) => statesChecked),
    statesWrong: sum(({ wrong }) => wrong.length),
  };
}

/** The result as a Markdown table. */
export function table(result: SoakResult): string {
  const kinds = Object.entries(result.faults).toSorted(([one], [other]) => one.localeCompare(other));
  const strange = Object.entries(result.strangeAnswers).map(([status, count]) => `${count} × ${status}`);
  const rows: Array<[string, string | number]> = [
    ['faults injected', faultCount(result)],
    ...kinds.map(([kind, count]): [string, number] => [`· ${kind}`, count]),
    ['mails accepted', result.accepted],
    ['delivered', result.delivered],
    ['refused', result.refused],
    ['uncertain', result.uncertain],
    ['lost', result.lost],
    ['doubled', result.doubled],
    ['states checked', result.statesChecked],
    ['states wrong', result.statesWrong],
    ['longest recovery', recoveryText(result)],
    ...(result.onUncertain === 'resend'
      ? [['uncertain hand-overs', result.uncertainHandOvers] as [string, number]]
      : []),
    ...(strange.length > 0 ? [['strange answers to forms', strange.join(', ')] as [string, string]] : []),
    ...result.deaths.map((death): [string, string] => ['died by itself', death]),
    ...result.faultFailures.map((failure): [string, string] => ['could not be injected', failure]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (cells: Array<string | number>): string =>
    `| ${String(cells[0]).padEnd(widths[0] ?? 0)} | ${String(cells[1]).padStart(widths[1] ?? 0)} |`;
  const rule = `| ${'-'.repeat(widths[0] ?? 0)} | ${'-'.repeat((widths[1] ?? 1) - 1)}: |`;
  return [line(['what', '']), rule, ...rows.map(line)].join('\n');
}

/** The result as one line of JSON. */
export function jsonLine(result: SoakResult): string {
  const { accepted, delivered, lost, doubled, uncertain, statesChecked, statesWrong, longestRecoveryMs } = result;
  const faults = faultCount(result);
  return JSON.stringify({
    faults,
    accepted,
    delivered,
    lost,
    doubled,
    uncertain,
    statesChecked,
    statesWrong,
    longestRecoveryMs,
  });
}

function recoveryText({ longestRecoveryMs, slowestFault }: SoakResult): string {
  const text = `${(longestRecoveryMs / 1000).toFixed(1)} s`;
  return slowestFault === null ? text : `${text} (${slowestFault})`;
}

function faultCount({ faults }: SoakResult): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}
