import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { mailAppSettings, type Configuration } from '@celeriac/config';
import { MailAppModule } from '@celeriac/mail';
import { BeatModule, type BeatModuleOptions } from '@celeriac/schedule';
import { assertMigrated, type Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';

@Module({})
export class BeatProcessModule implements OnModuleInit {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker, options: BeatModuleOptions): DynamicModule {
    return {
      module: BeatProcessModule,
      imports: [MailAppModule.forRoot({ ...mailAppSettings(configuration), broker }), BeatModule.forRoot(options)],
    };
  }

  constructor(private readonly dataSource: DataSource) {}

  /** Before beat writes the first entry. */
  async onModuleInit(): Promise<void> {
    await assertMigrated(this.dataSource);
  }
}
