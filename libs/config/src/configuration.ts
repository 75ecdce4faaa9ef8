import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isLoopback } from './loopback.js';

/** `1`, `true`, `yes`, `on` and their opposites, as Django projects write them. */
const flag = z.stringbool();
const port = z.coerce.number().int().min(1).max(65_535);
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Timers turn these into milliseconds, and some into a multiple: what is beyond some days would overflow them. */
const seconds = (min: number, max: number) => {
  const error = `expected seconds, from ${min} to ${max}`;
  return z.coerce.number(error).min(min, error).max(max, error);
};
const EXPECTED_DAYS = 'expected whole days, at most 36500; 0: for ever';
const days = z.coerce.number(EXPECTED_DAYS).int(EXPECTED_DAYS).min(0, EXPECTED_DAYS).max(36_500, EXPECTED_DAYS);
const name = z.string().min(1);
const url = (...protocols: string[]) =>
  z.string().refine((text) => protocols.includes(protocolOf(text)), {
    error: `expected an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

/** A file that holds a certificate. Node takes one that does not, and then trusts nobody without a word. */
const certificateFile = z.string().superRefine((path, context) => {
  try {
    readCertificate(path);
  } catch (error) {
    context.addIssue(`expected a file with a certificate (PEM): ${String(error)}`);
  }
});

function readCertificate(path: string): X509Certificate {
  return new X509Certificate(readFileSync(path, 'utf8'));
}

/** Parts with commas between; none when it is empty. */
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** An address that events are sent to. A login in it would stand in logs, and is refused by what sends them. */
const webhookUrl = z
  .string()
  .refine((text) => ['http:', 'https:'].includes(protocolOf(text)), {
    error: 'expected addresses that begin with https://, with commas between',
    abort: true,
  })
  .refine((text) => protocolOf(text) === 'https:' || isLoopback(new URL(text).hostname), {
    error: 'expected https://: only what runs on this machine may be reached without encryption',
  })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'expected no login in the address: the receiver knows us by the signature',
  });

/** As Standard Webhooks has it: 24 to 64 random bytes. */
const webhookSecret = z.string().refine(
  (text) => {
    const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
    const { length } = Buffer.from(base64, 'base64');
    return length >= 24 && length <= 64;
  },
  { error: 'expected whsec_ and 24 to 64 bytes in base64: echo whsec_$(openssl rand -base64 32)' },
);

const eventPattern = z
  .string()
  .regex(
    /^([a-z_]+|\*|#)(\.([a-z_]+|\*|#))*$/,
    'expected patterns such as mail.# or mail.refused, with commas between',
  );

const priority = z.int().min(0).max(255);

const timeZone = z.string().refine(isTimeZone, {
  error: 'there is no such time zone; expected one of the tz database, such as Europe/Vienna, or UTC',
});

/** No tz database has these: to Node BST is the time of Dhaka, to Postgres London's summer. */
const NO_TIME_ZONE = /^(?!(?:CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$)(?:[A-Z]{3}|[+-].*)$/i;

function isTimeZone(text: string): boolean {
  try {
    return !NO_TIME_ZONE.test(text) && Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
  } catch {
    return false;
  }
}

/** A setting that is JSON. */
const json = <Schema extends z.ZodType>(example: string, schema: Schema) =>
  z.preprocess((text, context) => {
    try {
      return JSON.parse(String(text)) as unknown;
    } catch {
      context.addIssue(`expected JSON such as ${example}`);
      return z.NEVER;
    }
  }, schema);

/** Options by task name; Celery's `task_annotations`. Which there are: `TaskOptions` in libs/tasks. */
const taskAnnotations = json(
  '{"mail.send_email":{"maxRetries":3}}',
  z.record(
    z.string(),
    z
      .strictObject({
        maxRetries: z.int().min(0).nullable(),
        retryBackoff: z.number().min(0),
        retryBackoffMax: z.number().min(0),
        retryJitter: z.boolean(),
        defaultRetryDelay: z.number().min(0),
        softTimeLimit: z.number().positive().nullable(),
        timeLimit: z.number().positive().nullable(),
        acksLate: z.boolean(),
        rejectOnWorkerLost: z.boolean(),
        rateLimit: z
          .string()
          .regex(/^\d+(\.\d+)?\/[smh]$/, 'expected a rate such as 10/s, 100/m, 1000/h')
          .nullable(),
        priority,
        ignoreResult: z.boolean(),
        retention: z.number().positive().nullable(),
        uniqueFor: z.number().positive().nullable(),
        uniqueStates: z.array(z.enum(['SUCCESS', 'FAILURE', 'REVOKED'])),
      })
      .partial(),
  ),
);

/** Where tasks go, by name or glob; Celery's `task_routes`. What a route is: `TaskRoute` in libs/tasks. */
const taskRoutes = json(
  '{"mail.*":{"queue":"mail"}}',
  z.record(
    z.string(),
    z.union(
      [name, z.strictObject({ queue: name, exchange: z.string(), routingKey: name, priority }).partial()],
      'expected the name of a queue, or an object of queue, exchange, routingKey and priority (0 to 255)',
    ),
  ),
);

/**
 * Every setting, under the names that Celery and Django users know. What each means stands in `.env.example` and in
 * the README's table.
 */
export const configurationSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),

  TIME_ZONE: timeZone.default('UTC'),

  DATABASE_URL: url('postgres:', 'postgresql:').default('postgres://celeriac:celeriac@localhost:5432/celeriac'),
  /** One address, or several with commas between, tried in turn. */
  BROKER_URL: z
    .string()
    .default('amqp://guest:guest@localhost:5672/')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(url('amqp:', 'amqps:'))),
  /** Of the CA that signed RabbitMQ's certificate; those that Node trusts when there is none. */
  BROKER_CA_FILE: certificateFile.optional(),

  WEB_HOST: name.default('127.0.0.1'),
  /** 0: any free one. */
  WEB_PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  /** `http://localhost:` and WEB_PORT when there is none. */
  PUBLIC_URL: url('http:', 'https:').optional(),
  TRUST_NETWORK: flag.default(false),
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().positive().default(20),

  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(1000).default(20),
  WORKER_NAME: name.default('celery@%h'),
  /** 0: no health server; several workers on one machine cannot share a port. */
  WORKER_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  WORKER_LEASE: seconds(1, HOUR).default(15),
  /** 0: no health server; several beats on one machine cannot share a port. */
  BEAT_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** The processes that do beat's work beside their own. */
  BEAT_INSIDE: list.default([]).pipe(z.array(z.enum(['web', 'worker'], 'expected web, worker, or web,worker'))),
  SHUTDOWN_TIMEOUT: seconds(0, DAY).default(8),
  TASK_ANNOTATIONS: taskAnnotations.default({}),
  TASK_ROUTES: taskRoutes.default({}),
  RECONCILE_AFTER: seconds(1, DAY).default(120),

  EMAIL_BACKEND: z.enum(['console', 'smtp', 'mailhog', 'file', 'memory']).default('console'),
  EMAIL_HOST: name.default('localhost'),
  EMAIL_PORT: port.default(25),
  EMAIL_HOST_USER: z.string().default(''),
  EMAIL_HOST_PASSWORD: z.string().default(''),
  EMAIL_USE_TLS: flag.default(false),
  EMAIL_USE_SSL: flag.default(false),
  EMAIL_TIMEOUT: seconds(1, HOUR).default(30),
  EMAIL_FILE_PATH: name.default('.data/mails'),
  DEFAULT_FROM_EMAIL: z.email().default('support@example.com'),
  MAIL_ON_UNCERTAIN: z.enum(['hold', 'resend']).default('hold'),

  /** Days after the end of a mail; 0: for ever. */
  MAIL_BODY_RETENTION_DAYS: days.default(30),
  /** Days after the end of a mail; 0: for ever. */
  MAIL_RETENTION_DAYS: days.default(365),
  /** Checked by libs/mail, which knows what an address is. */
  DIGEST_TO: list.default([]),

  MAIL_AUDIT_LOG: flag.default(false),
  WEBHOOK_URLS: list.default([]).pipe(z.array(webhookUrl)),
  WEBHOOK_SECRET: webhookSecret.optional(),
  WEBHOOK_EVENTS: list.default(['mail.#']).pipe(z.array(eventPattern).min(1, 'expected a pattern such as mail.#')),
});

/** All settings, checked and frozen. */
export type Configuration = Readonly<z.output<typeof configurationSchema>>;
