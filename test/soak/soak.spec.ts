import { describe, expect, it } from '@jest/globals';
import { isWell } from './report.js';
import { runSoak } from './soak.js';

const MINUTE_MS = 60_000;

describe('the soak in short', () => {
  it(
    'loses, doubles and misstates no mail while everything breaks',
    async () => {
      const lines: string[] = [];
      const result = await runSoak({
        seed: 3,
        mails: 300,
        durationMs: 20_000,
        faultEveryMs: 3000,
        onUncertain: 'hold',
        workers: 2,
        webs: 2,
        settleTimeoutMs: 2 * MINUTE_MS,
        kinds: [
          'worker-kill',
          'web-kill',
          'rabbitmq-cut',
          'queue-delete',
          'postgres-restart',
          'smtp-cut-taken',
          'smtp-down',
        ],
        signal: new AbortController().signal,
        onProgress: (line) => lines.push(line),
      });
      expect({ ...result, well: isWell(result) }).toMatchObject({
        well: true,
        accepted: 300,
        lost: 0,
        doubled: 0,
        statesWrong: 0,
      });
      expect(Object.keys(result.faults).length).toBeGreaterThanOrEqual(4);
    },
    7 * MINUTE_MS,
  );
});
