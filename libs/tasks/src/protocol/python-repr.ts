/** Characters that `argsrepr` and `kwargsrepr` may have (Celery's `argsrepr_maxsize`). */
export const REPR_MAX_LENGTH = 1024;

// What Python's str.isprintable() says no to, apart from the space (Unicode "Other" and "Separator").
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;
const NEEDS_ESCAPE = /[\\']|(?! )[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;
const SHORT_ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * The text that Python's `repr()` gives for a value after it has travelled as JSON: `None`, `True`, `'it'`,
 * `[1, 2.5]`, `{'a': None}`. So NaN and undefined in a list are None, undefined in an object is left out, and a Date
 * is its text.
 *
 * Celery's own `saferepr` differs in details (it does not escape line breaks, and shows `...` below the third level):
 * this text is only ever shown to people, so we keep what says more.
 *
 * @param maxLength longest text, 1024 by default; a longer one is cut and ends in `...`. It bounds time, memory and
 *   recursion too: of a body of megabytes only the start is looked at, and a cycle ends.
 */
export function pythonRepr(value: unknown, maxLength: number = REPR_MAX_LENGTH): string {
  return written(maxLength, (writer) => writer.value(value));
}

/** The header `argsrepr`: the arguments as a Python tuple, `()`, `(1,)`, `(1, 'a')`, cut to 1024 characters. */
export function argsRepr(args: readonly unknown[]): string {
  return written(REPR_MAX_LENGTH, (writer) => writer.sequence('(', args, args.length === 1 ? ',)' : ')'));
}

/** The header `kwargsrepr`: the keyword arguments as a Python dict, `{}`, `{'a': 1}`, cut to 1024 characters. */
export function kwargsRepr(kwargs: Readonly<Record<string, unknown>>): string {
  return written(REPR_MAX_LENGTH, (writer) => writer.dict(kwargs));
}

function written(maxLength: number, write: (writer: ReprWriter) => void): string {
  const writer = new ReprWriter(maxLength);
  write(writer);
  return writer.finish();
}

/** Writes Python literals until there is more text than is wanted. */
class ReprWriter {
  private text = '';

  constructor(private readonly maxLength: number) {}

  value(value: unknown): void {
    const plain = asJsonSees(value);
    if (plain === null) this.text += 'None';
    else if (typeof plain === 'boolean') this.text += plain ? 'True' : 'False';
    else if (typeof plain === 'number') this.text += numberRepr(plain);
    else if (typeof plain === 'string') this.text += stringRepr(plain, this.maxLength - this.text.length);
    else if (Array.isArray(plain)) this.sequence('[', plain, ']');
    else this.dict(plain as Record<string, unknown>);
  }

  sequence(start: string, items: readonly unknown[], end: string): void {
    this.text += start;
    for (let i = 0; i < items.length && !this.isFull(); i++) {
      if (i > 0) this.text += ', ';
      this.value(items[i]);
    }
    this.text += end;
  }

  dict(object: Readonly<Record<string, unknown>>): void {
    this.text += '{';
    let isFirst = true;
    for (const key of Object.keys(object)) {
      if (this.isFull()) break;
      if (isAbsentInJson(object[key])) continue;
      if (!isFirst) this.text += ', ';
      isFirst = false;
      this.text += `${stringRepr(key, this.maxLength - this.text.length)}: `;
      this.value(object[key]);
    }
    this.text += '}';
  }

  finish(): string {
    if (this.text.length <= this.maxLength) return this.text;
    // A cut in the middle of a surrogate pair would leave half a character, which Postgres refuses.
    return `${this.text.slice(0, this.maxLength - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
  }

  private isFull(): boolean {
    return this.text.length > this.maxLength;
  }
}

function isAbsentInJson(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function asJsonSees(value: unknown): unknown {
  const hasToJson = typeof value === 'object' && value !== null && 'toJSON' in value;
  const plain: unknown = hasToJson && typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (isAbsentInJson(plain) || (typeof plain === 'number' && !Number.isFinite(plain))) return null;
  // JSON.stringify throws for these; a text for people need not.
  return typeof plain === 'bigint' ? plain.toString() : plain;
}

function numberRepr(value: number): string {
  // Python changes to an exponent below 1e-4, JavaScript below 1e-6, and Python's has two digits at least.
  const isTiny = value !== 0 && Math.abs(value) < 1e-4;
  return (isTiny ? value.toExponential() : String(value)).replace(/e-(\d)$/, 'e-0$1');
}

function stringRepr(text: string, room: number): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // One more than there is room for, so that the writer sees that something was cut.
  const shown = text.length > room ? text.slice(0, Math.max(room, 0) + 1) : text;
  if (!NEEDS_ESCAPE.test(shown)) return quote + shown + quote;
  let escaped = '';
  for (const char of shown) escaped += char === quote ? `\\${quote}` : escapeChar(char);
  return quote + escaped + quote;
}

function escapeChar(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  if (char === ' ' || !UNPRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
