import { BeatModule, ScheduleBook, type Entry } from '@celeriac/schedule';
import { assertMigrated } from '@celeriac/tasks';
import {
  Logger,
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { assertScheduleEntities, assertSchedules } from '../app/schedules.js';
import type { LoadedApp } from '../app/load-app.js';
import { countText } from '../terminal/count-text.js';
import { timeText } from '../terminal/time-text.js';

/** Sees to it that nothing works with tables that are not there. */
@Module({})
class BeatTables implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {
    assertScheduleEntities(dataSource);
  }

  onModuleInit(): Promise<void> {
    return assertMigrated(this.dataSource);
  }
}

/**
 * @param reset - takes the code's entries as they are
 * @returns what an app needs to have beat; one that brings a `BeatModule` along is left as it is
 * @throws {@link CommandError} when it has no `ScheduleModule`
 */
export function beatModules(app: LoadedApp, reset = false): Array<Type | DynamicModule> {
  assertSchedules(app);
  return app.classes.has(BeatModule) ? [BeatTables] : [BeatTables, BeatModule.forRoot({ reset })];
}

/** Says what beat looks after, as soon as it does. */
export async function sayBeat(app: INestApplicationContext): Promise<void> {
  const entries = await app.get(ScheduleBook, { strict: false }).list();
  new Logger('Beat').log(beatLine(entries));
}

function beatLine(entries: readonly Entry[]): string {
  const disabled = entries.filter(({ enabled }) => !enabled).length;
  const [next] = entries
    .flatMap(({ name, nextRunAt }) => (nextRunAt === null ? [] : [{ name, nextRunAt }]))
    .toSorted((one, other) => one.nextRunAt.getTime() - other.nextRunAt.getTime());
  const count = `${countText(entries.length, 'periodic task')}${disabled === 0 ? '' : `, ${countText(disabled)} disabled`}`;
  return next === undefined
    ? `Sending what is due: ${count}.`
    : `Sending what is due: ${count}; next is "${next.name}", due ${timeText(next.nextRunAt)}.`;
}
