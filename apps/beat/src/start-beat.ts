import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Configuration } from '@celeriac/config';
import { AppLogger, serveHealth, type Stoppable } from '@celeriac/process';
import { Beat } from '@celeriac/schedule';
import type { Broker } from '@celeriac/tasks';
import { Registry } from 'prom-client';
import { BeatProcessModule } from './beat-process.module.js';

/**
 * Starts beat as a process of its own, with its health server. Resolves when it sends what is due.
 *
 * @param reset - takes the code's entries, also where they were changed in the database
 */
export async function startBeat(configuration: Configuration, broker: Broker, reset: boolean): Promise<Stoppable> {
  const metrics = new Registry();
  const app = await NestFactory.createApplicationContext(
    BeatProcessModule.forRoot(configuration, broker, { reset, metrics }),
    { abortOnError: false, logger: new AppLogger() },
  );
  const beat = app.get(Beat);
  const health = await serveHealth(configuration.BEAT_HEALTH_PORT, {
    trouble: () => beat.trouble,
    metrics,
  });
  new Logger('Beat').log('Sending what is due.');
  return {
    close: async () => {
      await health.close();
      await app.close();
    },
  };
}
