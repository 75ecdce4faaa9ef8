import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Beat, type BeatOptions } from './beat/beat.js';
import { ChangeListener } from './beat/change-listener.js';
import { EntrySender } from './beat/entry-sender.js';
import { DeclaredEntries } from './declared/declared-entries.js';

/** What `BeatModule.forRoot` is told. */
export interface BeatModuleOptions extends Pick<BeatOptions, 'onSent'> {
  /** Has the entries of the code be as the code says, also where they were changed in the database. @defaultValue false */
  reset?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<BeatModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

/**
 * Beat: writes the entries that the code asks for, and sends the tasks that are due. Any number of processes may have
 * it, workers and web apps among them. Needs `ScheduleModule`.
 */
@Module({
  providers: [
    {
      provide: Beat,
      inject: [MODULE_OPTIONS_TOKEN, DataSource, EntrySender],
      useFactory: ({ onSent }: BeatModuleOptions, dataSource: DataSource, sender: EntrySender) =>
        new Beat(dataSource, sender, { log: new Logger('Beat'), onSent }),
    },
    {
      provide: ChangeListener,
      inject: [DataSource, Beat],
      useFactory: (dataSource: DataSource, beat: Beat) => new ChangeListener(dataSource, () => beat.wake()),
    },
  ],
})
export class BeatModule extends ConfigurableModuleClass implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: BeatModuleOptions,
    private readonly declared: DeclaredEntries,
    private readonly beat: Beat,
    private readonly listener: ChangeListener,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.declared.write(this.options.reset);
    this.beat.start();
    this.listener.start();
  }

  /** Before `TasksModule` lets go of RabbitMQ: what the last round has sent is published. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.beat.stop(), this.listener.stop()]);
  }
}
