const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENERS = new Set([0x5b, 0x7b]);
const CLOSERS = new Set([0x5d, 0x7d]);
const CAPITAL_N = 0x4e;
const CAPITAL_I = 0x49;

/** What {@link scanJson} found. */
export interface JsonScan {
  /** Deepest nesting of arrays and objects; `[1]` has 1. */
  depth: number;
  /** A `NaN` or `Infinity` outside of strings, which Python writes and JSON does not have. */
  hasNonFinite: boolean;
}

/**
 * Looks over the bytes of a JSON text (UTF-8) before it is parsed, without recursion: a message may be nested so
 * deeply that whoever walks its value afterwards (JSON.stringify, a schema) would overflow the stack. Does not check
 * whether the text is JSON.
 */
export function scanJson(text: Buffer): JsonScan {
  let depth = 0;
  let deepest = 0;
  let hasNonFinite = false;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (isInString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (OPENERS.has(byte)) deepest = Math.max(deepest, ++depth);
    else if (CLOSERS.has(byte)) depth--;
    // Outside of strings, JSON itself has no capital letter but the E of an exponent.
    else if (byte === CAPITAL_N || byte === CAPITAL_I) hasNonFinite = true;
  }
  return { depth: deepest, hasNonFinite };
}
