import type { Command } from 'commander';
import { addAdd } from './add.js';
import { addDisable, addEnable, addReset } from './change.js';
import { addList } from './list.js';
import { addNext } from './next.js';
import { addRemove } from './remove.js';
import { addRunNow } from './run-now.js';
import { addShow } from './show.js';

/** `celeriac schedule` */
export function addSchedule(program: Command): void {
  const schedule = program
    .command('schedule')
    .summary('look after periodic tasks')
    .description(
      'Lists, shows, adds and changes periodic tasks. A change takes effect within a second, in all beats that run.',
    );
  for (const add of [addList, addShow, addNext, addAdd, addEnable, addDisable, addRunNow, addReset, addRemove]) {
    add(schedule);
  }
}
