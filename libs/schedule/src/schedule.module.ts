import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { TaskClient, type TaskContract } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { Beat, type BeatOptions } from './beat/beat.js';
import { ChangeListener } from './beat/change-listener.js';
import { EntrySender } from './beat/entry-sender.js';
import { ScheduleBook } from './book/schedule-book.js';

/** What `ScheduleModule.forRoot` is told. */
export interface ScheduleModuleOptions extends Pick<BeatOptions, 'onSent'> {
  /** The app's tasks: their contracts check what entries send. */
  contracts: ReadonlyArray<TaskContract<object>>;
  /** Whether this process sends the tasks that are due. Any number of processes may. @defaultValue true */
  beat?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ScheduleModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

/**
 * Periodic tasks. Needs `TasksModule`, and a TypeORM DataSource with `scheduleEntities` and `scheduleMigrations` beside
 * those of the tasks.
 */
@Module({
  providers: [
    {
      provide: EntrySender,
      inject: [MODULE_OPTIONS_TOKEN, TaskClient],
      useFactory: ({ contracts }: ScheduleModuleOptions, tasks: TaskClient) => new EntrySender(tasks, contracts),
    },
    {
      provide: ScheduleBook,
      inject: [DataSource, EntrySender],
      useFactory: (dataSource: DataSource, sender: EntrySender) => new ScheduleBook(dataSource, sender),
    },
    {
      provide: Beat,
      inject: [MODULE_OPTIONS_TOKEN, DataSource, EntrySender],
      useFactory: ({ onSent }: ScheduleModuleOptions, dataSource: DataSource, sender: EntrySender) =>
        new Beat(dataSource, sender, { log: new Logger('Beat'), onSent }),
    },
    {
      provide: ChangeListener,
      inject: [DataSource, Beat],
      useFactory: (dataSource: DataSource, beat: Beat) => new ChangeListener(dataSource, () => beat.wake()),
    },
  ],
  exports: [ScheduleBook],
})
export class ScheduleModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ScheduleModuleOptions,
    private readonly beat: Beat,
    private readonly listener: ChangeListener,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    if (this.options.beat === false) return;
    this.beat.start();
    this.listener.start();
  }

  /** Before TypeORM closes its connections. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.beat.stop(), this.listener.stop()]);
  }
}
