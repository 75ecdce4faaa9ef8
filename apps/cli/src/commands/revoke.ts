import type { RevokeOutcome } from '@celeriac/tasks';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { table } from '../terminal/table.js';
import { withApp } from './with-app.js';

const WORDS: Record<RevokeOutcome, string> = {
  revoked: 'revoked: it waited, and will not be run',
  running: 'is being run: the run is told, and decides itself',
  elsewhere: "has gone to workers that are not this app's: they are not told",
  ended: 'had ended before',
  unknown: 'is not known yet: it will not be run when it comes',
};

const TERMINATED = 'is being run: the run is ended';

/** `celeriac revoke` */
export function addRevoke(program: Command): void {
  program
    .command('revoke')
    .summary('revoke tasks')
    .description(
      'Revokes tasks: one that waits ends as REVOKED at once, one that is being run is told and decides itself, an id ' +
        'that nobody has seen yet is remembered. Ends with 1 when it is too late for one of them.',
    )
    .argument('<ids...>', "the tasks' ids")
    .option('--terminate', 'end runs at once, unless they are past their point of no return')
    .action(
      withApp(async (app, terminal, ids: string[], { terminate = false }: { terminate?: boolean }) => {
        const outcomes = await app.tasks.revoke(ids, { terminate });
        const revokes = [...new Set(ids)].map((id) => ({ id, outcome: outcomes.get(id) as RevokeOutcome }));
        const wordsOf = (outcome: RevokeOutcome): string =>
          terminate && outcome === 'running' ? TERMINATED : WORDS[outcome];
        terminal.print(revokes, (paint, width) =>
          table(
            ['TASK', ''],
            revokes.map(({ id, outcome }) => [id, wordsOf(outcome)]),
            paint,
            width,
          ),
        );
        const isTooLate = revokes.some(({ outcome }) => outcome === 'ended' || outcome === 'elsewhere');
        return isTooLate ? ExitCode.no : ExitCode.ok;
      }),
    );
}
