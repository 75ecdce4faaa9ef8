import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TypeOrmHealthIndicator, type HealthCheckResult } from '@nestjs/terminus';
import type { Broker } from '@celeriac/tasks';
import { BROKER } from '../web-options.js';

const DATABASE_TIMEOUT_MS = 2000;

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    @Inject(BROKER) private readonly broker: Broker,
  ) {}

  /** The process runs. */
  @Get('/livez')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Mails can be accepted, which takes the database alone: without the broker they wait. */
  @Get('/readyz')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database', { timeout: DATABASE_TIMEOUT_MS }),
      () => ({ broker: { status: 'up', state: this.broker.ready ? 'connected' : 'degraded' } }),
    ]);
  }
}
