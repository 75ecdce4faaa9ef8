import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Beat } from './beat/beat.js';
import { BeatMetrics } from './beat/beat-metrics.js';
import { ChangeListener } from './beat/change-listener.js';
import { EntrySender } from './sending/entry-sender.js';
import { sentOf, type Round, type SentTick } from './beat/round.js';
import { DeclaredEntries } from './declared/declared-entries.js';

/** What `BeatModule.forRoot` is told. */
export interface BeatModuleOptions {
  /** Told of each task that was sent, when that has been committed. */
  onSent?(sent: SentTick): void;
  /** Where the metrics `celeriac_beat_*` are registered. @defaultValue there are none */
  metrics?: Registry;
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
      useFactory: (options: BeatModuleOptions, dataSource: DataSource, sender: EntrySender) => {
        const beatMetrics = options.metrics === undefined ? undefined : new BeatMetrics(options.metrics);
        const onRound = (round: Round): void => {
          beatMetrics?.observe(round);
          for (const sent of sentOf(round)) options.onSent?.(sent);
        };
        return new Beat(dataSource, sender, { log: new Logger('Beat'), onRound });
      },
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
