import { describe, expect, it } from '@jest/globals';
import { zoneIso, zoneText } from './zone-text.js';

describe('a time in a zone', () => {
  it.each([
    ['2026-03-29T00:59:59Z', 'Europe/Vienna', 'Sun 2026-03-29 01:59:59 +01:00', '2026-03-29T01:59:59+01:00'],
    ['2026-03-29T01:00:00Z', 'Europe/Vienna', 'Sun 2026-03-29 03:00:00 +02:00', '2026-03-29T03:00:00+02:00'],
    ['2026-01-01T00:00:00Z', 'UTC', 'Thu 2026-01-01 00:00:00 +00:00', '2026-01-01T00:00:00+00:00'],
    ['2026-01-01T00:00:00Z', 'America/St_Johns', 'Wed 2025-12-31 20:30:00 -03:30', '2025-12-31T20:30:00-03:30'],
  ])('%s, %s', (time, timezone, text, iso) => {
    expect(zoneText(new Date(time), timezone)).toBe(text);
    expect(zoneIso(new Date(time), timezone)).toBe(iso);
  });
});
