import { Counter, Histogram, type Registry } from 'prom-client';
import { sentOf, type Round } from './round.js';

const LATENESS_BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What a beat does, in numbers for Prometheus; of all entries together, since there may be very many. */
export class BeatMetrics {
  private readonly lateness: Histogram;
  private readonly ticks: Counter<'outcome'>;
  private readonly disabled: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.lateness = new Histogram({
      name: 'celeriac_beat_lateness_seconds',
      help: 'From when a periodic task was due until it had been committed, by the clock of Postgres.',
      buckets: LATENESS_BUCKETS_SECONDS,
      registers,
    });
    this.ticks = new Counter({
      name: 'celeriac_beat_ticks_total',
      help: 'Times at which entries were due, by what became of them: sent, skipped (the last task has not ended), held (another task holds the unique key), refused (it cannot be sent).',
      labelNames: ['outcome'],
      registers,
    });
    this.disabled = new Counter({
      name: 'celeriac_beat_entries_disabled_total',
      help: 'Entries that this beat has disabled, since they cannot be used as they are.',
      registers,
    });
  }

  observe(round: Round): void {
    for (const { lateMs } of sentOf(round)) this.lateness.observe(lateMs / 1000);
    for (const { outcome } of round.ticks) this.ticks.inc({ outcome });
    this.disabled.inc(round.disabled.length);
  }
}
