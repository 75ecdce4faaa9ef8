import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Broker } from '@celeriac/tasks';
import { LocalOriginGuard } from './web/local-origin.guard.js';
import { PostersController } from './web/posters.controller.js';
import { PosterDesk } from './web/poster-desk.js';
import { taskImports } from './task-imports.js';

@Module({})
export class WebModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: WebModule,
      imports: taskImports(databaseUrl, broker),
      controllers: [PostersController],
      providers: [PosterDesk, { provide: APP_GUARD, useClass: LocalOriginGuard }],
    };
  }
}
