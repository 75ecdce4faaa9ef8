/** What asks for more is not heard: the task would stand still. */
const LONGEST_SECONDS = 86_400;

/**
 * How long an answer asks us to wait (RFC 9110, 10.2.3).
 *
 * @param value - of the header Retry-After: seconds, or a date
 * @returns seconds; 0 when it asks for nothing that can be understood
 */
export function retryAfterSeconds(value: string | null, nowMs = Date.now()): number {
  if (value === null) return 0;
  const seconds = /^\s*\d+\s*$/.test(value) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_SECONDS) : 0;
}
