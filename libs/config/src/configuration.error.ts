/** One setting that cannot be used. */
export interface ConfigurationIssue {
  setting: string;
  /** What was given; undefined when nothing was. */
  given: string | undefined;
  problem: string;
}

/** Settings are wrong. The text names each, what was given and what is expected; secrets are not shown. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly issues: ConfigurationIssue[]) {
    super(['The configuration is wrong:', ...issues.map(describe)].join('\n  - '));
  }
}

function describe({ setting, given, problem }: ConfigurationIssue): string {
  return `${setting}${given === undefined ? '' : ` is "${masked(setting, given)}"`}: ${problem}`;
}

function masked(setting: string, given: string): string {
  if (/PASSWORD|SECRET/.test(setting)) return '***';
  // An address may hold a password before its @; not all that stands here is a sound address.
  return given.replace(/\/\/[^/@]*@/g, '//***@');
}
