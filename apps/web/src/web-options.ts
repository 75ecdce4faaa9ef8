/** What the pages need of the settings. */
export interface WebOptions {
  /** The sender's address. */
  from: string;
}

export const WEB_OPTIONS = Symbol('WEB_OPTIONS');
export const BROKER = Symbol('BROKER');
