/** `npm run bench`: measures us and our peers in turn, in one run, and says what has been reached. */
import { writeFile } from 'node:fs/promises';
import { judge } from './judge.js';
import { readOptions } from './options.js';
import { reportTables } from './report/table.js';
import { runRounds, type Run } from './rounds.js';
import { scenarios } from './scenarios.js';
import { startServices } from './services/index.js';

const { only, json, ...options } = readOptions(process.argv.slice(2), scenarios);
const chosen = scenarios.filter(({ name }) => only === null || only.includes(name));
const services = await startServices(
  new Set(chosen.flatMap(({ entrants }) => entrants.flatMap((entrant) => entrant.services))),
);
const runs: Run[] = [];
try {
  for (const scenario of chosen) {
    runs.push(...(await runRounds(scenario, services, { ...options, say: (line) => console.error(line) })));
  }
} finally {
  await services.stop();
}
console.log(reportTables(chosen, runs));
if (json !== null) {
  const verdicts = chosen.flatMap((scenario) =>
    judge(
      scenario,
      runs.filter((run) => run.scenario === scenario.name),
    ),
  );
  await writeFile(json, `${JSON.stringify({ runs, verdicts }, null, 2)}\n`);
}
