// Bytes that follow a type tag, of the types with a fixed length.
const FIXED_LENGTHS: Record<string, number> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  f: 4,
  D: 5,
  l: 8,
  L: 8,
  d: 8,
  T: 8,
  V: 0,
};
const LENGTH_BYTES = 4;

/**
 * Finds the tags `L` in an encoded AMQP field table, at any depth, and never within a text or a key.
 *
 * It does not recurse: nested tables and arrays lie one after the other, so all that is kept is where each ends. At
 * a tag that it does not know, or at bytes that end too early, it stops and leaves the complaint to the real decoder.
 *
 * @param fields the fields of a table, without the length in front (what amqplib's `decodeFields` gets).
 * @returns offsets of the tags within `fields`.
 */
export function findInt64Tags(fields: Buffer): number[] {
  const found: number[] = [];
  const open = [{ end: fields.length, isTable: true }];
  let offset = 0;
  while (offset < fields.length) {
    // Only a table has names; an array is values alone.
    if (innermost(open, offset).isTable) offset += 1 + (fields[offset] ?? 0);
    const tagOffset = offset++;
    const tag = String.fromCharCode(fields[tagOffset] ?? 0);
    const fixedLength = FIXED_LENGTHS[tag];
    if (fixedLength !== undefined) {
      if (tag === 'L') found.push(tagOffset);
      offset += fixedLength;
      continue;
    }
    if (!'SxFA'.includes(tag) || offset + LENGTH_BYTES > fields.length) break;
    const length = fields.readUInt32BE(offset);
    offset += LENGTH_BYTES;
    if (tag === 'F' || tag === 'A') open.push({ end: offset + length, isTable: tag === 'F' });
    else offset += length;
  }
  return found;
}

/** Drops the tables and arrays that have ended at the offset; what is left last is the one that it lies in. */
function innermost(open: { end: number; isTable: boolean }[], offset: number): { isTable: boolean } {
  while (open.length > 1 && offset >= (open.at(-1)?.end ?? 0)) open.pop();
  return open.at(-1) ?? { isTable: true };
}
