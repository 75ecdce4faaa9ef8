import { Random } from './random.js';

/** A form of the load. */
export interface SoakForm {
  /** The hidden one-time key: the same in every try. */
  key: string;
  recipients: string[];
  subject: string;
  message: string;
}

/** How the SMTP server of the soak treats an address. */
export type Treatment =
  /** Takes everything. */
  | 'accept'
  /** 550 at RCPT, always. */
  | 'refuse'
  /** 450 at RCPT for some tries, then takes everything. */
  | 'put-off'
  /** 451 at DATA for some tries, then takes everything. */
  | 'busy'
  /** 554 at DATA, always: nobody of that mail gets it. */
  | 'refuse-mail';

const DOMAIN = 'soak.example';
const LONG_MESSAGE_LENGTH = 40_000;

/** The form with this number. No two have a recipient in common, so what the server gets can be told apart by it. */
export function formOf(seed: number, number: number): SoakForm {
  const random = new Random('form', seed, number);
  const count = random.pick([1, 1, 1, 2, 3]);
  const length = random.chance(0.01) ? LONG_MESSAGE_LENGTH : random.between(20, 1500);
  return {
    key: `soak-${seed}-${number}`,
    recipients: Array.from({ length: count }, (_, index) => `form-${number}-${index + 1}@${DOMAIN}`),
    subject: `Form ${number} – grüße`,
    message: 'All is well, and this line is rather long.\n.\n'.repeat(Math.ceil(length / 46)),
  };
}

/** The number of the form that an address is of; null for any other address. */
export function formNumberOf(address: string): number | null {
  const digits = /^form-(\d+)-\d+@/.exec(address)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** How an address is treated. @returns with how many tries are put off, where any are */
export function treatmentOf(seed: number, address: string): { treatment: Treatment; tries: number } {
  const random = new Random('treatment', seed, address);
  const value = random.next();
  const tries = random.between(1, 2);
  if (value < 0.05) return { treatment: 'refuse', tries };
  if (value < 0.1) return { treatment: 'put-off', tries };
  if (value < 0.12) return { treatment: 'busy', tries };
  if (value < 0.14) return { treatment: 'refuse-mail', tries };
  return { treatment: 'accept', tries };
}
