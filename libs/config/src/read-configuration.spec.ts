import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { mailEvents } from './mail-events.js';
import { mailPeriodic } from './mail-periodic.js';
import { readConfiguration } from './read-configuration.js';

/** The one that the tests of Standard Webhooks use. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function errorOf(environment: NodeJS.ProcessEnv): ConfigurationError {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('readConfiguration', () => {
  it('has sound defaults: nobody but this machine gets in, and mails go to the console', () => {
    expect(readConfiguration({})).toEqual({
      NODE_ENV: 'development',
      TIME_ZONE: 'UTC',
      DATABASE_URL: 'postgres://celeriac:celeriac@localhost:5432/celeriac',
      BROKER_URL: ['amqp://guest:guest@localhost:5672/'],
      WEB_HOST: '127.0.0.1',
      WEB_PORT: 8000,
      TRUST_NETWORK: false,
      RATE_LIMIT_PER_MINUTE: 20,
      WORKER_CONCURRENCY: 20,
      WORKER_NAME: 'celery@%h',
      WORKER_HEALTH_PORT: 0,
      WORKER_LEASE: 15,
      BEAT_HEALTH_PORT: 0,
      BEAT_INSIDE: [],
      SHUTDOWN_TIMEOUT: 8,
      TASK_ANNOTATIONS: {},
      TASK_ROUTES: {},
      RECONCILE_AFTER: 120,
      EMAIL_BACKEND: 'console',
      EMAIL_HOST: 'localhost',
      EMAIL_PORT: 25,
      EMAIL_HOST_USER: '',
      EMAIL_HOST_PASSWORD: '',
      EMAIL_USE_TLS: false,
      EMAIL_USE_SSL: false,
      EMAIL_TIMEOUT: 30,
      EMAIL_FILE_PATH: '.data/mails',
      DEFAULT_FROM_EMAIL: 'support@example.com',
      MAIL_ON_UNCERTAIN: 'hold',
      MAIL_BODY_RETENTION_DAYS: 30,
      MAIL_RETENTION_DAYS: 365,
      DIGEST_TO: [],
      MAIL_AUDIT_LOG: false,
      WEBHOOK_URLS: [],
      WEBHOOK_EVENTS: ['mail.#'],
    });
  });

  it.each(['', '   '])('takes %j for not set, even where it could be a value', (empty) => {
    const unset = {
      WEB_PORT: empty,
      WORKER_HEALTH_PORT: empty,
      EMAIL_USE_TLS: empty,
      BROKER_URL: empty,
      WEB_HOST: empty,
    };
    expect(readConfiguration(unset)).toEqual(readConfiguration({}));
  });

  it('leaves what else is in the environment alone, and out', () => {
    expect(readConfiguration({ PATH: '/bin', HOME: undefined })).toEqual(readConfiguration({}));
  });

  it('cannot be changed afterwards', () => {
    expect(() => Object.assign(readConfiguration({}), { WEB_PORT: 1 })).toThrow(TypeError);
  });

  it.each<[setting: string, given: string, value: unknown]>([
    ['WEB_PORT', '8080', 8080],
    ['WEB_PORT', '65535', 65_535],
    ['WORKER_LEASE', '1.5', 1.5],
    ['WORKER_LEASE', '3600', 3600],
    ['SHUTDOWN_TIMEOUT', '0', 0],
    ['BEAT_INSIDE', 'web, worker', ['web', 'worker']],
    ['DATABASE_URL', 'postgresql://db/app', 'postgresql://db/app'],
    ['BROKER_URL', 'amqps://rabbit:5671/vhost', ['amqps://rabbit:5671/vhost']],
    ['BROKER_URL', 'amqp://a , amqp://b,amqps://c', ['amqp://a', 'amqp://b', 'amqps://c']],
    ['EMAIL_USE_TLS', '1', true],
    ['EMAIL_USE_TLS', 'True', true],
    ['EMAIL_USE_TLS', 'yes', true],
    ['EMAIL_USE_TLS', 'on', true],
    ['EMAIL_USE_TLS', '0', false],
    ['EMAIL_USE_TLS', 'False', false],
    ['EMAIL_USE_TLS', 'no', false],
    ['EMAIL_USE_TLS', 'off', false],
    ['EMAIL_BACKEND', 'smtp', 'smtp'],
    ['MAIL_ON_UNCERTAIN', 'resend', 'resend'],
    [
      'TASK_ANNOTATIONS',
      '{"a.task":{"maxRetries":null,"retryBackoff":0.5,"uniqueFor":60,"uniqueStates":["SUCCESS"]}}',
      { 'a.task': { maxRetries: null, retryBackoff: 0.5, uniqueFor: 60, uniqueStates: ['SUCCESS'] } },
    ],
    ['TASK_ROUTES', '{"mail.*":"bulk"}', { 'mail.*': 'bulk' }],
    [
      'TASK_ROUTES',
      '{"a":{"exchange":"","routingKey":"b","priority":9}}',
      { a: { exchange: '', routingKey: 'b', priority: 9 } },
    ],
    ['WEB_HOST', '::1', '::1'],
    ['WEB_HOST', 'localhost', 'localhost'],
    ['WEB_HOST', 'LOCALHOST', 'LOCALHOST'],
    ['WEB_HOST', '127.0.0.5', '127.0.0.5'],
    ['WEB_HOST', '127.255.255.254', '127.255.255.254'],
    ['MAIL_RETENTION_DAYS', '0', 0],
    ['MAIL_BODY_RETENTION_DAYS', '7', 7],
    ['DIGEST_TO', 'ann@example.com, bob@example.com', ['ann@example.com', 'bob@example.com']],
    ['PUBLIC_URL', 'https://mails.example', 'https://mails.example'],
    ['MAIL_AUDIT_LOG', '1', true],
    ['WEBHOOK_EVENTS', 'mail.refused, *.failed ,#', ['mail.refused', '*.failed', '#']],
    ['WEBHOOK_SECRET', SECRET, SECRET],
  ])('reads %s=%s', (setting, given, value) => {
    expect(readConfiguration({ [setting]: given })).toMatchObject({ [setting]: value });
  });

  it.each<[setting: string, given: string, problem: RegExp]>([
    ['NODE_ENV', 'prod', /"development"\|"production"\|"test"/],
    ['DATABASE_URL', 'mysql://localhost/app', /begins with postgres:\/\/ or postgresql:\/\//],
    ['DATABASE_URL', 'localhost:5432', /begins with postgres/],
    ['BROKER_URL', 'redis://localhost', /begins with amqp:\/\/ or amqps:\/\//],
    ['BROKER_URL', 'amqp://a,http://b', /begins with amqp/],
    ['BROKER_URL', 'amqp://a,', /begins with amqp/],
    ['WEB_PORT', 'eighty', /expected number/],
    ['WEB_PORT', '65536', /65535/],
    ['WEB_PORT', '-1', /0/],
    ['WEB_PORT', '80.5', /int/],
    ['EMAIL_PORT', '0', /1/],
    ['TRUST_NETWORK', 'maybe', /true/],
    ['WORKER_CONCURRENCY', '0', /1/],
    ['WORKER_CONCURRENCY', '1001', /1000/],
    ['TIME_ZONE', 'Europe/Wien', /^there is no such time zone/],
    ['TIME_ZONE', 'BST', /^there is no such time zone/],
    ['BEAT_INSIDE', 'web,beat', /^expected web, worker, or web,worker$/],
    ['BEAT_HEALTH_PORT', '65536', /65535/],
    ['WORKER_LEASE', '0', /^expected seconds, from 1 to 3600$/],
    ['WORKER_LEASE', '0.01', /^expected seconds, from 1 to 3600$/],
    ['WORKER_LEASE', '9000000', /^expected seconds, from 1 to 3600$/],
    ['EMAIL_TIMEOUT', '300000', /^expected seconds, from 1 to 3600$/],
    ['EMAIL_TIMEOUT', '30s', /^expected seconds, from 1 to 3600$/],
    ['RECONCILE_AFTER', '0.1', /^expected seconds, from 1 to 86400$/],
    ['RECONCILE_AFTER', '90000', /^expected seconds, from 1 to 86400$/],
    ['SHUTDOWN_TIMEOUT', '-1', /^expected seconds, from 0 to 86400$/],
    ['SHUTDOWN_TIMEOUT', '90000', /^expected seconds, from 0 to 86400$/],
    ['SHUTDOWN_TIMEOUT', 'Infinity', /^expected seconds, from 0 to 86400$/],
    ['EMAIL_BACKEND', 'sendmail', /"console"\|"smtp"/],
    ['DEFAULT_FROM_EMAIL', 'Support <support@example.com>', /email/],
    ['MAIL_ON_UNCERTAIN', 'drop', /"hold"\|"resend"/],
    ['MAIL_RETENTION_DAYS', '-1', /^expected whole days, at most 36500; 0: for ever$/],
    ['MAIL_BODY_RETENTION_DAYS', 'never', /^expected whole days/],
    ['MAIL_BODY_RETENTION_DAYS', '1.5', /^expected whole days/],
    ['PUBLIC_URL', 'mails.example', /begins with http:\/\/ or https:\/\//],
    ['TASK_ANNOTATIONS', 'maxRetries=3', /expected JSON/],
    ['TASK_ANNOTATIONS', '{"a.task":{"maxRetries":"3"}}', /a\.task maxRetries: .*expected/],
    ['TASK_ANNOTATIONS', '{"a.task":{"retryBackof":3}}', /a\.task: .*retryBackof/],
    ['TASK_ROUTES', 'mail.*=bulk', /expected JSON such as \{"mail\.\*"/],
    ['TASK_ROUTES', '{"a.*":{"que":"bulk"}}', /a\.\*: .*que/],
    ['TASK_ROUTES', '{"a.*":{"priority":256}}', /a\.\* priority: .*255/],
    ['TASK_ROUTES', '{"a.*":null}', /a\.\*: expected the name of a queue/],
  ])('refuses %s=%s, and says what was given and what is expected', (setting, given, problem) => {
    const error = errorOf({ [setting]: given });
    expect(error.issues).toEqual([{ setting, given, problem: expect.stringMatching(problem) }]);
    expect(error.message).toBe(
      `The configuration is wrong:\n  - ${setting} is "${given}": ${error.issues[0]?.problem}`,
    );
  });

  it.each<[given: string, problem: RegExp]>([
    ['mail.Refused', /mail\.refused/],
    ['mail..refused', /patterns such as/],
    [',', /a pattern such as/],
  ])('refuses WEBHOOK_EVENTS=%s', (given, problem) => {
    expect(errorOf({ WEBHOOK_EVENTS: given }).issues).toMatchObject([{ problem: expect.stringMatching(problem) }]);
  });

  it.each(['secret', 'whsec_c2hvcnQ=', `${SECRET}!`, SECRET.slice(6)])(
    'refuses a WEBHOOK_SECRET that is none, and does not show it: %s',
    (given) => {
      const { message } = errorOf({ WEBHOOK_SECRET: given });
      expect(message).toContain('WEBHOOK_SECRET is "***": expected whsec_');
      expect(message).toContain('openssl rand');
    },
  );

  describe('of addresses of webhooks', () => {
    it.each([
      'https://a.example/hook?key=1, https://b.example',
      'http://localhost:3000/hook',
      'http://127.0.0.1/',
      'http://[::1]:80/',
    ])('takes %s', (given) => {
      const { WEBHOOK_URLS } = readConfiguration({ WEBHOOK_URLS: given, WEBHOOK_SECRET: SECRET });
      expect(WEBHOOK_URLS).toEqual(given.split(', '));
    });

    it.each<[given: string, problem: RegExp, shown: string]>([
      ['http://a.example/token', /only what runs on this machine/, 'http://a.example/***'],
      ['https://a.example,http://b.example:80/token', /https/, 'https://a.example/***,http://b.example:80/***'],
      ['ftp://a.example/token', /begin with https/, '***'],
      ['a.example/token', /begin with https/, '***'],
      ['https://user:token@a.example/', /no login/, 'https://a.example/***'],
    ])('refuses %s, and shows of it only the host', (given, problem, shown) => {
      const { issues, message } = errorOf({ WEBHOOK_URLS: given, WEBHOOK_SECRET: SECRET });
      expect(issues).toMatchObject([{ problem: expect.stringMatching(problem) }]);
      expect(message).toContain(`WEBHOOK_URLS is "${shown}": `);
    });
  });

  it('names every setting that is wrong, not only the first', () => {
    const { message, issues } = errorOf({ WEB_PORT: 'x', EMAIL_BACKEND: 'y', MAIL_ON_UNCERTAIN: 'z' });
    expect(issues.map(({ setting }) => setting)).toEqual(['WEB_PORT', 'EMAIL_BACKEND', 'MAIL_ON_UNCERTAIN']);
    expect(message.split('\n')).toHaveLength(4);
  });
});

describe('a password', () => {
  it.each<[setting: string, given: string, shown: string]>([
    ['DATABASE_URL', 'mysql://user:secret@localhost/app', 'mysql://***@localhost/app'],
    ['DATABASE_URL', 'mysql://user:se%40cret@localhost/app', 'mysql://***@localhost/app'],
    ['BROKER_URL', 'redis://user:secret@rabbit', 'redis://***@rabbit'],
    ['BROKER_URL', 'amqp://u:secret@a,http://u:secret@b', 'amqp://***@a,http://***@b'],
  ])('in %s is not shown: %s', (setting, given, shown) => {
    expect(errorOf({ [setting]: given }).message).toContain(`${setting} is "${shown}": `);
  });

  // The very addresses that are refused: what makes them wrong stands in the password.
  it.each<[setting: string, given: string]>([
    ['DATABASE_URL', 'postgres://user:sec/ret@localhost/app'],
    ['DATABASE_URL', 'postgres://user:secr#et@localhost:port/app'],
    ['DATABASE_URL', 'mysql://user:sec@ret@localhost/app'],
    ['DATABASE_URL', 'mysql://user:sec,ret@localhost/app'],
    ['DATABASE_URL', 'user:secret@localhost/app'],
    ['BROKER_URL', 'amqp://user:sec/ret@rabbit'],
    ['BROKER_URL', 'user:secret@rabbit'],
  ])('in %s is not shown when the address is no sound one: %s', (setting, given) => {
    expect(errorOf({ [setting]: given }).message).not.toMatch(/sec|ret@/);
  });
});

describe('settings that do not go together', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com', '127.0.0.256'])(
    'WEB_HOST=%s is refused: the app knows no users, so TRUST_NETWORK must say that somebody guards it',
    (host) => {
      const { issues } = errorOf({ WEB_HOST: host });
      expect(issues).toEqual([
        { setting: 'WEB_HOST', given: host, problem: expect.stringContaining('TRUST_NETWORK=1') },
      ]);
      expect(readConfiguration({ WEB_HOST: host, TRUST_NETWORK: '1' })).toMatchObject({ WEB_HOST: host });
    },
  );

  it('EMAIL_USE_TLS and EMAIL_USE_SSL are two ways of the same', () => {
    const { issues } = errorOf({ EMAIL_USE_TLS: 'true', EMAIL_USE_SSL: '1' });
    expect(issues).toEqual([
      { setting: 'EMAIL_USE_TLS', given: 'true', problem: expect.stringContaining('EMAIL_USE_SSL') },
    ]);
  });

  it('EMAIL_HOST_USER needs a password, which is never shown', () => {
    expect(errorOf({ EMAIL_HOST_USER: 'ada' }).issues.map(({ setting }) => setting)).toEqual(['EMAIL_HOST_PASSWORD']);
    const login = { EMAIL_HOST_USER: 'ada', EMAIL_HOST_PASSWORD: 'secret' };
    expect(readConfiguration(login)).toMatchObject(login);
    expect(errorOf({ ...login, WEB_HOST: '0.0.0.0' }).message).not.toContain('secret');
  });

  it('WEBHOOK_URLS needs a WEBHOOK_SECRET', () => {
    const { issues } = errorOf({ WEBHOOK_URLS: 'https://a.example' });
    expect(issues).toMatchObject([{ setting: 'WEBHOOK_SECRET', problem: expect.stringContaining('openssl rand') }]);
  });

  it('are all named', () => {
    const { issues } = errorOf({ WEB_HOST: '::', EMAIL_USE_TLS: '1', EMAIL_USE_SSL: '1', EMAIL_HOST_USER: 'ada' });
    expect(issues.map(({ setting }) => setting)).toEqual(['WEB_HOST', 'EMAIL_USE_TLS', 'EMAIL_HOST_PASSWORD']);
  });
});

describe('BROKER_CA_FILE', () => {
  const secure = 'amqps://rabbit';
  const caFile = join(mkdtempSync(join(tmpdir(), 'celeriac-ca-')), 'ca.pem');

  afterAll(() => rmSync(dirname(caFile), { recursive: true }));

  it('is none by itself', () => {
    expect(readConfiguration({ BROKER_URL: secure }).BROKER_CA_FILE).toBeUndefined();
  });

  it('has to hold a certificate', () => {
    const problemOf = (): unknown => errorOf({ BROKER_URL: secure, BROKER_CA_FILE: caFile }).issues;
    const expected = (problem: string): unknown => [
      { setting: 'BROKER_CA_FILE', given: caFile, problem: expect.stringContaining(problem) },
    ];
    expect(problemOf()).toEqual(expected('expected a file with a certificate (PEM): Error: ENOENT'));
    writeFileSync(caFile, 'certificate');
    expect(problemOf()).toEqual(expected('expected a file with a certificate (PEM): Error: '));
    writeFileSync(caFile, rootCertificates.join('\n'));
    expect(readConfiguration({ BROKER_URL: secure, BROKER_CA_FILE: caFile }).BROKER_CA_FILE).toBe(caFile);
  });

  it('is of no use without TLS', () => {
    writeFileSync(caFile, rootCertificates.join('\n'));
    expect(errorOf({ BROKER_URL: 'amqp://rabbit', BROKER_CA_FILE: caFile }).issues).toEqual([
      { setting: 'BROKER_CA_FILE', given: caFile, problem: expect.stringContaining('amqps://') },
    ]);
  });
});

describe('ConfigurationError', () => {
  it.each(['EMAIL_HOST_PASSWORD', 'COOKIE_SECRET'])('shows no value of %s', (setting) => {
    const { message } = new ConfigurationError([{ setting, given: 'hunter2', problem: 'too short' }]);
    expect(message).toBe(`The configuration is wrong:\n  - ${setting} is "***": too short`);
  });

  it('names a setting that was not given', () => {
    const { message } = new ConfigurationError([{ setting: 'A', given: undefined, problem: 'missing' }]);
    expect(message).toBe('The configuration is wrong:\n  - A: missing');
  });
});

describe('mailEvents', () => {
  it('has nobody listen unless that is asked for', () => {
    expect(mailEvents(readConfiguration({ WEBHOOK_SECRET: SECRET }))).toEqual({ auditLog: false, webhooks: null });
  });

  it('says who listens, each endpoint once', () => {
    const environment = { MAIL_AUDIT_LOG: '1', WEBHOOK_URLS: 'https://a,https://b,https://a', WEBHOOK_SECRET: SECRET };
    expect(mailEvents(readConfiguration(environment))).toEqual({
      auditLog: true,
      webhooks: { urls: ['https://a', 'https://b'], secret: SECRET, patterns: ['mail.#'] },
    });
  });
});

describe('mailPeriodic', () => {
  it('keeps texts for a month and mails for a year, tells nobody, and has the pages on this machine', () => {
    expect(mailPeriodic(readConfiguration({}))).toEqual({
      textRetentionDays: 30,
      retentionDays: 365,
      digestTo: [],
      publicUrl: 'http://localhost:8000',
      timeZone: 'UTC',
    });
  });

  it('takes 0 days for ever, and links to where the web app is', () => {
    const forEver = { MAIL_BODY_RETENTION_DAYS: '0', MAIL_RETENTION_DAYS: '0' };
    expect(mailPeriodic(readConfiguration({ ...forEver, WEB_PORT: '8001' }))).toMatchObject({
      textRetentionDays: null,
      retentionDays: null,
      publicUrl: 'http://localhost:8001',
    });
    const publicUrl = 'https://mails.example/app';
    expect(mailPeriodic(readConfiguration({ PUBLIC_URL: `${publicUrl}/` }))).toMatchObject({ publicUrl });
  });
});
