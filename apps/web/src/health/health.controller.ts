import { Controller, Get, Inject } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  TypeOrmHealthIndicator,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import type { Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { BROKER } from '../web-options.js';

const DATABASE_TIMEOUT_MS = 2000;

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly dataSource: DataSource,
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
      () => this.checkWrites(),
      () => ({ broker: { status: 'up', state: this.broker.ready ? 'connected' : 'degraded' } }),
    ]);
  }

  /** A standby, or one that was made read-only, answers and accepts nothing. */
  private async checkWrites(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('writes');
    const ask = `SELECT current_setting('transaction_read_only') = 'on' AS "isReadOnly"`;
    // One that is away is told of by the ping.
    const [row] = await this.dataSource.query<Array<{ isReadOnly: boolean }>>(ask).catch(() => []);
    return row?.isReadOnly === true ? indicator.down('The database takes no writes.') : indicator.up();
  }
}
