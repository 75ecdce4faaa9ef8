import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { mailAppSettings, type Configuration } from '@celeriac/config';
import { MailAppModule } from '@celeriac/mail';
import { BeatModule } from '@celeriac/schedule';
import { assertMigrated, type Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';

@Module({})
export class BeatProcessModule implements OnModuleInit {
  /**
   * @param broker - closed with the app
   * @param reset - takes the code's entries, also where they were changed in the database
   */
  static forRoot(configuration: Configuration, broker: Broker, reset: boolean): DynamicModule {
    return {
      module: BeatProcessModule,
      imports: [MailAppModule.forRoot({ ...mailAppSettings(configuration), broker }), BeatModule.forRoot({ reset })],
    };
  }

  constructor(private readonly dataSource: DataSource) {}

  /** Before beat writes the first entry. */
  async onModuleInit(): Promise<void> {
    await assertMigrated(this.dataSource);
  }
}
