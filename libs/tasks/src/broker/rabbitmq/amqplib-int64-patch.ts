/**
 * Teaches amqplib the field type `L`, a signed 64-bit integer, which py-amqp writes for every integer above 2^31-1,
 * such as a header with a time in milliseconds. Without it amqplib closes the connection over such a message
 * ("Unexpected type tag"), gets it again, and so on: one message poisons a queue.
 *
 * Importing this module applies the patch. It must be imported before anything that imports amqplib, because amqplib's
 * lib/defs.js takes its own reference to `decodeFields` when it is loaded; {@link assertInt64PatchActive} tells.
 * Source: RabbitMQ's errata to AMQP 0-9-1; lib/codec.js and lib/defs.js of amqplib 2.3.1.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findInt64Tags } from './find-int64-tags.js';

interface Codec {
  decodeFields: ((slice: Buffer) => Record<string, unknown>) & { [PATCHED]?: true };
}

interface Defs {
  BasicProperties: number;
  decode(id: number, bytes: Buffer): { headers?: Record<string, unknown> };
}

// Symbol.for, so that a second copy of this module sees the mark of the first.
const PATCHED = Symbol.for('celeriac.amqplib-int64-patch');

const INT64 = 'l'.charCodeAt(0);

// What py-amqp 5.1.1 sends as basic properties for the headers {'ms': 1767225600123, 'text': 'L1234567LLLLLLLL'}.
const CAPTURED = Buffer.from(
  '200000000026026d734c0000019b76daa87b047465787453000000104c313233343536374c4c4c4c4c4c4c4c',
  'hex',
);
const CAPTURED_MS = 1767225600123;

// amqplib's `exports` hides its lib folder, so the files are loaded by path.
const require = createRequire(import.meta.url);
const amqplibFolder = dirname(require.resolve('amqplib'));

applyInt64Patch();

/** amqplib still cannot read 64-bit integers: it was loaded before the patch, or it has changed. */
export class Int64PatchInactiveError extends Error {
  override readonly name = 'Int64PatchInactiveError';
}

/** Applies the patch; does nothing when it has been applied. Called by importing this module. */
export function applyInt64Patch(): void {
  const codec = require(join(amqplibFolder, 'lib', 'codec.js')) as Codec;
  const original = codec.decodeFields;
  if (original[PATCHED]) return;
  // amqplib calls this for the outermost table only, hence the search in depth.
  codec.decodeFields = Object.assign((slice: Buffer) => original(retag(slice)), { [PATCHED]: true as const });
}

/**
 * Decodes captured bytes by the way that incoming messages take in amqplib, to be called at boot.
 *
 * @throws Int64PatchInactiveError when the patch has no effect, with a text that says what to do.
 */
export function assertInt64PatchActive(): void {
  const defs = require(join(amqplibFolder, 'lib', 'defs.js')) as Defs;
  let decoded: unknown;
  try {
    decoded = defs.decode(defs.BasicProperties, CAPTURED).headers?.['ms'];
  } catch (cause) {
    throw inactive('throws', cause);
  }
  if (decoded !== CAPTURED_MS) throw inactive(`reads ${String(decoded)}`);
}

function inactive(what: string, cause?: unknown): Int64PatchInactiveError {
  return new Int64PatchInactiveError(
    `amqplib ${what} where a header is the 64-bit integer ${CAPTURED_MS}, so such a message would poison its queue. ` +
      'amqplib-int64-patch must be imported before amqplib and amqp-connection-manager; if it is, amqplib ' +
      `(in ${amqplibFolder}) has changed and the patch must follow`,
    { cause },
  );
}

/** The same table with each tag `L` replaced by `l`, which amqplib reads as a signed 64-bit integer. */
function retag(slice: Buffer): Buffer {
  const tags = findInt64Tags(slice);
  if (tags.length === 0) return slice;
  const retagged = Buffer.from(slice);
  for (const offset of tags) retagged[offset] = INT64;
  return retagged;
}
