import * as taskErrors from '../task-errors.js';

/** Something thrown, on its way between two threads, which share no classes. */
export type PackedError = { classNames: string[]; fields: Record<string, PackedError> } | { value: unknown };

type KnownClass = { readonly name: string; readonly prototype: Error };

const LANGUAGE_ERRORS = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError];

/** The classes that an error keeps on its way, since somebody asks for them with `instanceof`. */
const KNOWN: readonly KnownClass[] = [...Object.values(taskErrors), ...LANGUAGE_ERRORS];

/** @returns it as data that can be cloned; what of an error cannot be is left out */
export function packError(thrown: unknown): PackedError {
  if (!(thrown instanceof Error)) return { value: isCloneable(thrown) ? thrown : String(thrown) };
  const { name, message, stack } = thrown;
  const own = Object.entries(thrown).filter(([, value]) => isCloneable(value));
  const fields = Object.entries({ ...Object.fromEntries(own), name, message, stack });
  return {
    classNames: classNamesOf(thrown),
    fields: Object.fromEntries(fields.map(([field, value]) => [field, packError(value)])),
  };
}

/**
 * @param asked - classes that somebody asks for, beside ours and the language's
 * @returns what was thrown; an error is of the class it had or the nearest known one that this extends, else an
 *   ordinary one. It always has its name
 */
export function unpackError(packed: PackedError, asked: readonly KnownClass[] = []): unknown {
  if ('value' in packed) return packed.value;
  const known = [...KNOWN, ...asked];
  const nearest = packed.classNames.map((className) => known.find(({ name }) => name === className));
  const { prototype } = nearest.find((found) => found !== undefined) ?? Error;
  const fields = Object.entries(packed.fields).map(([field, value]) => [field, unpackError(value, asked)]);
  return Object.assign(Object.setPrototypeOf(new Error(), prototype) as Error, Object.fromEntries(fields));
}

/** From its own class upwards. */
function classNamesOf(error: Error): string[] {
  const names: string[] = [];
  for (
    let level: unknown = Object.getPrototypeOf(error);
    level instanceof Error;
    level = Object.getPrototypeOf(level)
  ) {
    names.push(level.constructor.name);
  }
  return names;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
