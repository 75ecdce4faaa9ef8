import { configurationSchema, type Configuration } from './configuration.js';
import { ConfigurationError, type ConfigurationIssue } from './configuration.error.js';
import { isLoopback } from './loopback.js';

/**
 * Reads the settings from the environment. A variable that is set to nothing counts as not set.
 *
 * @param environment - usually `process.env`
 * @throws {@link ConfigurationError} that names every wrong setting
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const parsed = configurationSchema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => {
        const [setting, ...within] = issue.path.map(String);
        const place = within.filter((key) => !/^\d+$/.test(key)).join(' ');
        return {
          setting: String(setting),
          given: given[String(setting)],
          problem: place === '' ? issue.message : `${place}: ${issue.message}`,
        };
      }),
    );
  }
  const contradictions = findContradictions(parsed.data);
  if (contradictions.length > 0) throw new ConfigurationError(contradictions);
  return Object.freeze(parsed.data);
}

/** Settings that are sound by themselves but not together. */
function findContradictions(configuration: Configuration): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  if (!isLoopback(configuration.WEB_HOST) && !configuration.TRUST_NETWORK) {
    issues.push({
      setting: 'WEB_HOST',
      given: configuration.WEB_HOST,
      problem:
        'others in the network could reach the app, which knows no users. Use 127.0.0.1, or set TRUST_NETWORK=1 if ' +
        'something in front of it (a firewall, a proxy, Docker publishing on 127.0.0.1) decides who gets in',
    });
  }
  const { BROKER_URL: brokerUrls, BROKER_CA_FILE: brokerCaFile } = configuration;
  if (brokerCaFile !== undefined && !brokerUrls.some((address) => address.startsWith('amqps:'))) {
    issues.push({
      setting: 'BROKER_CA_FILE',
      given: brokerCaFile,
      problem: 'no address in BROKER_URL begins with amqps://, so nothing would be encrypted',
    });
  }
  if (configuration.EMAIL_USE_TLS && configuration.EMAIL_USE_SSL) {
    issues.push({
      setting: 'EMAIL_USE_TLS',
      given: 'true',
      problem:
        'EMAIL_USE_SSL is set too. EMAIL_USE_TLS is STARTTLS (port 587), EMAIL_USE_SSL is TLS from the start (port ' +
        '465): set one of them',
    });
  }
  if (configuration.EMAIL_HOST_USER !== '' && configuration.EMAIL_HOST_PASSWORD === '') {
    issues.push({ setting: 'EMAIL_HOST_PASSWORD', given: undefined, problem: 'EMAIL_HOST_USER needs a password' });
  }
  if (configuration.WEBHOOK_URLS.length > 0 && configuration.WEBHOOK_SECRET === undefined) {
    issues.push({
      setting: 'WEBHOOK_SECRET',
      given: undefined,
      problem: 'WEBHOOK_URLS needs one, to sign with. Make it with: echo whsec_$(openssl rand -base64 32)',
    });
  }
  return issues;
}
