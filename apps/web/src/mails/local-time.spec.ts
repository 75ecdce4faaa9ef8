import { describe, expect, it } from '@jest/globals';
import { momentOf } from './local-time.js';

describe('momentOf', () => {
  it.each<[local: string, zone: string, moment: string]>([
    ['2026-01-02T10:00', 'UTC', '2026-01-02T10:00:00.000Z'],
    ['2026-01-02T10:00:30', 'UTC', '2026-01-02T10:00:30.000Z'],
    ['2026-01-02T10:00', 'Europe/Berlin', '2026-01-02T09:00:00.000Z'],
    ['2026-07-02T10:00', 'Europe/Berlin', '2026-07-02T08:00:00.000Z'],
    ['2026-07-02T10:00', 'America/St_Johns', '2026-07-02T12:30:00.000Z'],
    ['2026-07-02T10:00', 'Asia/Kathmandu', '2026-07-02T04:15:00.000Z'],
    // Just after the clocks went forward, and just before.
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
  ])('%s in %s is %s', (local, zone, moment) => {
    expect(momentOf(local, zone)?.toISOString()).toBe(moment);
  });

  it.each(['', 'yesterday', '2026-01-02', '2026-13-02T10:00', '2026-01-02T10:00Z'])('%j is no moment', (text) => {
    expect(momentOf(text, 'UTC')).toBeNull();
  });
});
