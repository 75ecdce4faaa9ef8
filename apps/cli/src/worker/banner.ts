import { handledContracts, TaskServer } from '@celeriac/tasks';
import type { INestMicroservice } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { fields } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';

/** What a worker says of itself on a terminal before it begins. */
export function banner(app: INestMicroservice, paint: Paint): string {
  const { name, queues, concurrency } = app.get(TaskServer, { strict: false }).identity;
  const tasks = handledContracts(app.get(DiscoveryService, { strict: false })).map((contract) => contract.name);
  const entries: Array<[name: string, value: string]> = [
    ['queues', queues.join('\n')],
    ['concurrency', String(concurrency)],
    ['tasks', tasks.toSorted().join('\n')],
  ];
  return `\n${paint(['bold', 'green'], name)}\n\n${fields(entries, paint)}\n\n`;
}
