import { parseIso } from './iso-times.js';
import { MAX_INT32, MAX_NESTING, PROTOCOL_HEADERS } from './task-message.js';
import { UndecodableMessageError, type MessageIdentity } from './undecodable-message.error.js';

/**
 * Reads the headers of a task message, each with the type that "Celery message protocol 2" gives it. Absent and null
 * are the same. Every method throws {@link UndecodableMessageError} (reason `header`) for another type, since a value
 * that was guessed at would run the wrong thing.
 */
export class HeaderReader {
  constructor(
    private readonly headers: Record<string, unknown>,
    private readonly identity: MessageIdentity,
  ) {}

  /** The value of an own header, null if absent: amqplib lets a header `__proto__` put keys on the prototype. */
  raw(name: string): unknown {
    return Object.hasOwn(this.headers, name) ? (this.headers[name] ?? null) : null;
  }

  text(name: string): string | null {
    const value = this.raw(name);
    if (value === null || typeof value === 'string') return value;
    throw this.error(name, 'must be text or null');
  }

  /** A whole number from 0 to 2^31-1. */
  count(name: string): number | null {
    const value = this.raw(name);
    if (value === null || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INT32)) {
      return value as number | null;
    }
    throw this.error(name, 'must be a whole number from 0 to 2147483647, or null');
  }

  /** A flag; false if absent. */
  flag(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value === 'boolean') return value;
    throw this.error(name, 'must be true, false or null');
  }

  /** A time in ISO 8601; UTC where it has no offset. */
  time(name: string): Date | null {
    const value = this.raw(name);
    if (value === null) return null;
    try {
      return parseIso(value as string);
    } catch (cause) {
      throw this.error(name, 'must be an ISO 8601 time as text, or null', cause);
    }
  }

  /** The header `timelimit`: `[hard, soft]` in seconds. */
  timeLimits(): [hard: number | null, soft: number | null] {
    const value = this.raw('timelimit') ?? [null, null];
    if (Array.isArray(value) && value.length === 2 && value.every(isLimit)) {
      return value as [number | null, number | null];
    }
    throw this.error('timelimit', 'must be [hard, soft], each a number of seconds that is not negative, or null');
  }

  /** All headers that are not the protocol's own. */
  userHeaders(): Record<string, unknown> {
    const entries = Object.entries(this.headers).filter(([name]) => !PROTOCOL_HEADERS.has(name));
    for (const [name, value] of entries) {
      // It could not be sent on again: encoding a field table is recursive.
      if (isNestedDeeper(value, MAX_NESTING)) throw this.error(name, `must not be nested deeper than ${MAX_NESTING}`);
    }
    // fromEntries defines each key, where an assignment to a key `__proto__` would change the prototype.
    return Object.fromEntries(entries);
  }

  private error(field: string, problem: string, cause?: unknown): UndecodableMessageError {
    return new UndecodableMessageError({
      ...this.identity,
      reason: 'header',
      field,
      problem,
      given: this.raw(field),
      cause,
    });
  }
}

function isLimit(value: unknown): boolean {
  return value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
}

function isNestedDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  if (limit === 0) return true;
  return Object.values(value).some((item) => isNestedDeeper(item, limit - 1));
}
