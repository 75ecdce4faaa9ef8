import { inflateSync } from 'node:zlib';
import { scanJson } from './json-scan.js';
import { MAX_NESTING, type Embed } from './task-message.js';
import { UndecodableMessageError, type MessageIdentity, type UndecodableReason } from './undecodable-message.error.js';

/** Bytes that a compressed body may have when inflated: a few kilobytes could otherwise fill the memory. */
export const MAX_INFLATED_BYTES = 16 * 1024 * 1024;

// kombu's name says gzip, its bytes are a bare zlib stream.
const ZLIB_NAME = 'application/x-gzip';

/** The three parts of a decoded body. */
export interface TaskBody {
  args: unknown[];
  kwargs: Record<string, unknown>;
  embed: Embed;
}

/**
 * Decodes the body of a task message, `[args, kwargs, embed]` in JSON ("Celery message protocol 2", "Definition").
 * `embed` may be null or miss keys; integers above 2^53 lose their last digits, as JSON.parse does it. A key
 * `__proto__` stays an ordinary key of its object.
 *
 * @param compression the header `compression`; null for a body that is not compressed.
 * @throws UndecodableMessageError reasons `compression`, `body_too_large`, `body_json`, `body_depth`, `body_shape`.
 */
export function decodeBody(body: Buffer, compression: string | null, identity: MessageIdentity): TaskBody {
  const refuse = (reason: UndecodableReason, field: string, problem: string, cause?: unknown) =>
    new UndecodableMessageError({ ...identity, reason, field, problem, cause });
  const parts = parseJson(inflate(body, compression, refuse), refuse);
  if (!Array.isArray(parts) || parts.length !== 3) {
    const given = Array.isArray(parts) ? `an array of ${parts.length}` : typeNameOf(parts);
    throw refuse('body_shape', 'body', `must be an array of exactly three, [args, kwargs, embed], got ${given}`);
  }
  const [args, kwargs, embed] = parts as unknown[];
  if (!Array.isArray(args)) throw refuse('body_shape', 'args', `must be an array, got ${typeNameOf(args)}`);
  if (!isObject(kwargs)) throw refuse('body_shape', 'kwargs', `must be an object, got ${typeNameOf(kwargs)}`);
  if (embed !== null && !isObject(embed)) {
    throw refuse('body_shape', 'embed', `must be an object or null, got ${typeNameOf(embed)}`);
  }
  return { args, kwargs, embed: readEmbed(embed ?? {}) };
}

type Refuse = (reason: UndecodableReason, field: string, problem: string, cause?: unknown) => UndecodableMessageError;

function inflate(body: Buffer, compression: string | null, refuse: Refuse): Buffer {
  if (compression === null || compression === '') return body;
  if (compression !== ZLIB_NAME) {
    const given = JSON.stringify(compression.slice(0, 60));
    throw refuse('compression', 'compression', `only ${ZLIB_NAME} (a zlib stream) is understood, got ${given}`);
  }
  try {
    return inflateSync(body, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw refuse('body_too_large', 'body', `inflates to more than ${MAX_INFLATED_BYTES} bytes`, cause);
    }
    throw refuse('compression', 'body', `the ${body.length} bytes are not a whole zlib stream`, cause);
  }
}

function parseJson(body: Buffer, refuse: Refuse): unknown {
  const { depth, hasNonFinite } = scanJson(body);
  if (depth > MAX_NESTING) {
    throw refuse('body_depth', 'body', `must not be nested deeper than ${MAX_NESTING}, got ${depth}`);
  }
  try {
    // ignoreBOM keeps a byte order mark, which JSON.parse refuses, as Python does.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch (cause) {
    const hint = hasNonFinite ? '; it seems to hold NaN or Infinity, which Python writes but JSON does not have' : '';
    throw refuse('body_json', 'body', `the ${body.length} bytes are not JSON in UTF-8${hint}`, cause);
  }
}

function readEmbed(embed: Record<string, unknown>): Embed {
  return {
    callbacks: embed['callbacks'] ?? null,
    errbacks: embed['errbacks'] ?? null,
    chain: embed['chain'] ?? null,
    chord: embed['chord'] ?? null,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
