/**
 * Posts 2,000 forms, 50 at a time, to a web process, with a worker process sending the mails into a local SMTP sink.
 * Web, worker, RabbitMQ, Postgres and this client share one machine: compare numbers of the same run only.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { loadForm } from '#test/fixtures/form';
import { AppProcess } from '#test/fixtures/app-process';
import { createTaskDatabase } from '#test/fixtures/task-database';
import { createTestVhost, provideServices } from '#test/services/index';
import { percentile } from './statistics.js';
import { SmtpSink } from './smtp-sink.js';

const FORMS = 2000;
const CONCURRENCY = 50;
const WARM_UP_FORMS = 200;

interface Target {
  url: URL;
  cookie: string;
  csrfToken: string;
  agent: Agent;
}

/** Posts one form. @returns milliseconds until the answer */
function post(target: Target): Promise<number> {
  const body = new URLSearchParams({
    _csrf: target.csrfToken,
    idempotencyKey: randomUUID(),
    email: 'ann@example.com',
    // Not twice the same: the form would ask whether that is meant.
    subject: `Benchmark ${randomUUID()}`,
    msg: 'A message of ordinary length, as people write them into forms. '.repeat(4),
  }).toString();
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      cookie: target.cookie,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    };
    request(target.url, { method: 'POST', agent: target.agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 303) resolve(performance.now() - startedAtMs);
        else reject(new Error(`The form was answered with ${response.statusCode}.`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** Posts so many forms, as many at a time as the agent has sockets. @returns the latencies in milliseconds */
async function postMany(target: Target, count: number): Promise<number[]> {
  const latencies: number[] = [];
  let left = count;
  const lanes = Array.from({ length: CONCURRENCY }, async () => {
    while (left-- > 0) latencies.push(await post(target));
  });
  await Promise.all(lanes);
  return latencies;
}

function percentileText(latencies: number[], fraction: number): string {
  return `${percentile(latencies, fraction).toFixed(1)} ms`;
}

async function measure(webUrl: string, sink: SmtpSink): Promise<void> {
  const { cookie, csrfToken } = await loadForm(webUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const target: Target = { url: new URL('/sendmail/', webUrl), cookie, csrfToken, agent };
  await postMany(target, WARM_UP_FORMS);
  await sink.counted(WARM_UP_FORMS);
  const startedAtMs = performance.now();
  const latencies = await postMany(target, FORMS);
  const answeredAfterMs = performance.now() - startedAtMs;
  await sink.counted(WARM_UP_FORMS + FORMS);
  const sentAfterMs = performance.now() - startedAtMs;
  agent.destroy();
  console.log(`${FORMS} forms, ${CONCURRENCY} at a time:`);
  console.table({
    'requests/s': Math.round(FORMS / (answeredAfterMs / 1000)),
    p50: percentileText(latencies, 0.5),
    p99: percentileText(latencies, 0.99),
    'mails/s': Math.round(FORMS / (sentAfterMs / 1000)),
  });
}

const endServices = await provideServices();
const database = await createTaskDatabase();
const vhost = await createTestVhost();
const sink = await SmtpSink.start();
const environment = {
  DATABASE_URL: database.url,
  BROKER_URL: vhost.brokerUrl,
  EMAIL_BACKEND: 'smtp',
  EMAIL_PORT: String(sink.port),
  WEB_PORT: '0',
  RATE_LIMIT_PER_MINUTE: '1000000',
  NODE_ENV: 'production',
};
const apps: AppProcess[] = [];
try {
  const web = await AppProcess.start('web', environment);
  apps.push(web, await AppProcess.start('worker', environment));
  const webUrl = /http:\S+/.exec(await web.line(/Listening on/))?.[0] ?? '';
  await measure(webUrl, sink);
} finally {
  await Promise.all(apps.map((app) => app.stop()));
  sink.stop();
  await vhost.drop();
  await database.drop();
  await endServices();
}
