import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { withApp } from './with-app.js';

/** `celeriac migrate` */
export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .summary("bring the app's database up to date")
    .description(
      "Runs the migrations of the app's DataSource that have not been run yet, all of them or none. Several processes may do so at the same time.",
    )
    .action(
      withApp(async (app, terminal) => {
        const { migrate } = await import('@celeriac/tasks');
        const migrations = await migrate(app.dataSource);
        terminal.print({ migrations }, () =>
          migrations.length === 0 ? 'The database is up to date.' : `Done: ${migrations.join(', ')}.`,
        );
        return ExitCode.ok;
      }),
    );
}
