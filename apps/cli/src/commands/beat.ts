import type { Command } from 'commander';
import type { BeatOptions } from '../beat/run-beat.js';
import { appFileOf } from './with-app.js';

/** `celeriac beat` */
export function addBeat(program: Command): void {
  program
    .command('beat')
    .summary('send periodic tasks when they are due')
    .description(
      "Writes the periodic tasks of the app's code into its database, and sends the tasks of all that are due, until it " +
        'is stopped. Several may run at the same time: each run is sent once. Its log goes to stdout; ends with 0 when ' +
        'it was stopped.',
    )
    .option('--reset', "take the code's entries as they are, also where they were changed in the database")
    .action(async (options: BeatOptions, command: Command) => {
      const file = appFileOf(command);
      const { runBeat } = await import('../beat/run-beat.js');
      await runBeat(file, options);
    });
}
