import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BITS = 8;
const BY_PALETTE = 3;

/**
 * @param rows - the brightness of each point, 0 to 255
 * @param colours - from dark to bright, as `#rrggbb`
 * @returns a PNG whose brightnesses are colours between those
 */
export function encodePng(rows: readonly Uint8Array[], colours: readonly string[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(rows[0]?.length ?? 0, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([BITS, BY_PALETTE], 8);
  // A byte before each row says how it is filtered: not at all.
  const pixels = Buffer.concat(rows.flatMap((row) => [Buffer.from([0]), row]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette(colours)),
    chunk('IDAT', deflateSync(pixels, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function palette(colours: readonly string[]): Buffer {
  const stops = colours.map((colour) => Buffer.from(colour.slice(1), 'hex'));
  return Buffer.from(
    Array.from({ length: 256 }, (_, brightness) => {
      const place = (brightness / 255) * (stops.length - 1);
      const index = Math.min(Math.floor(place), stops.length - 2);
      return [0, 1, 2].map((part) => mix(stops[index]?.[part] ?? 0, stops[index + 1]?.[part] ?? 0, place - index));
    }).flat(),
  );
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share);
}
