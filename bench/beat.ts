/** Measures how late beats send what is due, and what they cost: see `npm run bench:beat -- --help`. */
import { writeFile } from 'node:fs/promises';
import { BeatTeam } from '#test/fixtures/beat-team';
import { PostgresServer } from '#test/fixtures/postgres-server';
import { createScheduleDatabase } from '#test/fixtures/schedule-app';
import { createTestVhost, provideRabbitMq } from '#test/services/rabbitmq';
import { HELP, readOptions, UsageError, type BeatBenchOptions } from './beat-options.js';
import { measure, scenarios, type Measurement } from './beat-scenarios.js';

const METER = new URL('process-meter.js', import.meta.url).href;
/** Exit code of a command that was given wrong options, as shells have it. */
const USAGE_EXIT_CODE = 2;

/** A server whose commits are on the disk, and that remembers when each was. */
async function startPostgres(): Promise<PostgresServer> {
  const postgres = await PostgresServer.start({ isDurable: true });
  await postgres.query('ALTER SYSTEM SET track_commit_timestamp = on');
  await postgres.stop();
  await postgres.restart();
  return postgres;
}

async function run({ entries, seconds, beats }: BeatBenchOptions): Promise<Measurement[]> {
  const ends: Array<() => Promise<unknown>> = [await provideRabbitMq()];
  const measurements: Measurement[] = [];
  try {
    const postgres = await startPostgres();
    ends.push(() => postgres.destroy());
    const vhost = await createTestVhost();
    ends.push(() => vhost.drop());
    const database = await createScheduleDatabase(postgres.url);
    ends.push(() => database.dataSource.destroy());
    const team = await BeatTeam.start({ database, brokerUrl: vhost.brokerUrl });
    ends.push(() => team.stop());
    for (const count of beats.toSorted((one, other) => one - other)) {
      await team.startBeats(count - team.beats.length, { NODE_OPTIONS: `--import=${METER}`, NODE_ENV: 'production' });
      for (const scenario of scenarios(seconds)) {
        measurements.push(await measure(database.dataSource, team.beats, scenario, entries));
      }
    }
  } finally {
    for (const end of ends.toReversed()) await end();
  }
  return measurements;
}

function print(entries: number, measurements: readonly Measurement[]): void {
  const ms = (value: number | null): string => (value === null ? '-' : `${value.toFixed(0)} ms`);
  console.log(`${entries} entries; lateness is from due to committed:`);
  console.table(
    measurements.map(({ p50Ms, p99Ms, maxMs, cpuSeconds, seconds, ...other }) => ({
      scenario: other.scenario,
      beats: other.beats,
      ticks: other.ticks,
      p50: ms(p50Ms),
      p99: ms(p99Ms),
      max: ms(maxMs),
      holes: other.holes,
      doubles: other.doubles,
      'all sent in': `${seconds.toFixed(1)} s`,
      'CPU time': `${cpuSeconds.toFixed(2)} s`,
      'queries/s': other.queriesPerSecond.toFixed(1),
      'of these for the schedule': other.scheduleQueriesPerSecond.toFixed(1),
    })),
  );
}

try {
  const options = readOptions(process.argv.slice(3));
  if (options.help) console.log(HELP);
  else {
    const measurements = await run(options);
    print(options.entries, measurements);
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify({ entries: options.entries, measurements }, null, 2)}\n`);
    }
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = USAGE_EXIT_CODE;
}
