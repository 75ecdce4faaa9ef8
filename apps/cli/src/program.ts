import { createRequire } from 'node:module';
import { Command, type Option } from 'commander';
import { commands } from './commands/index.js';
import { EXIT_CODE_MEANINGS } from './exit-code.js';
import { paintFor, type OutputStream } from './terminal/terminal.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const AFTER_HELP = `
The app is an ES module whose default export is a Nest module, or a function that makes one, with TasksModule and the
handlers, and without TaskWorkerModule; for periodic tasks with ScheduleModule, and without BeatModule. Its file is
named by --app, by CELERIAC_APP, or in package.json: "celeriac": { "app": "dist/app.js" }.

Exit codes:
${exitCodes()}`;

/** The command line. */
export function createProgram(): Command {
  const program = new Command('celeriac')
    .description('Runs and looks after the tasks of a Nest app.')
    .version(version)
    .option('-A, --app <file>', "the app's module")
    .option('--json', 'print the answer as JSON')
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions, styleTitle: (title) => helpPaint('bold', title) })
    .exitOverride()
    .addHelpText('after', AFTER_HELP);
  for (const add of commands) add(program);
  return program;
}

function exitCodes(): string {
  return Object.entries(EXIT_CODE_MEANINGS)
    .map(([code, meaning]) => `${code.padStart(4)}  ${meaning}`)
    .join('\n');
}

/** What the help of a command shows of the program's own options; a command may be part of another one. */
function visibleGlobalOptions({ parent }: Command): Option[] {
  if (parent === null) return [];
  return [...parent.options.filter(({ long }) => long !== '--version'), ...visibleGlobalOptions(parent)];
}

/** Commander takes the colours out again where there are to be none. */
const helpPaint = paintFor({ write: () => true, isTTY: true, hasColors: () => true } satisfies OutputStream);
