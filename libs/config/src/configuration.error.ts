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
  if (setting === 'WEBHOOK_URLS') return given.split(',').map(maskedWebAddress).join(',');
  if (!setting.endsWith('_URL')) return given;
  // What stands before the last @ of an address may be a login; not all that is given here is a sound address.
  return given
    .split(/,(?=\s*[a-z][\w+.-]*:\/\/)/i)
    .map((address) =>
      address.replace(/^(\s*(?:[a-z][\w+.-]*:\/\/)?).*@/is, '$1***@').replace(/(password=)[^&]*/i, '$1***'),
    )
    .join(',');
}

/** Of an address on the web any part but the host may be a token. */
function maskedWebAddress(text: string): string {
  const [, scheme, host] = /^\s*(https?:\/\/)(?:.*@)?([\w.-]+(?::\d+)?|\[[\da-f:]+\](?::\d+)?)/i.exec(text) ?? [];
  return scheme === undefined ? '***' : `${scheme}${host}/***`;
}
