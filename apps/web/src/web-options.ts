/** What the pages need of the settings. */
export interface WebOptions {
  /** The sender's address. */
  from: string;
  /** Of a form that names none. */
  timeZone: string;
}

export const WEB_OPTIONS = Symbol('WEB_OPTIONS');
export const BROKER = Symbol('BROKER');
