const SPECIAL = /[*?[]/;
const PART = /\*+|\?|\[(?<not>!?)(?<set>[^\]]+)\]|[^]/g;

/** @returns whether it stands for more names than itself */
export function isGlob(text: string): boolean {
  return SPECIAL.test(text);
}

/**
 * A glob as Python's `fnmatch` has it: `*` any text, `?` one character, `[ab]` and `[a-z]` one of these, `[!ab]` one of
 * the others.
 *
 * @throws SyntaxError when a `[` has no end or nothing in it, or a range runs backwards
 */
export function globPattern(glob: string): RegExp {
  const source = glob.replaceAll(PART, (part, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\^]/g, String.raw`\$&`)}]`;
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    if (part === '[') throw new SyntaxError('a "[" needs a "]", with something in between');
    return part.replace(/[\\^$.+()|{}\]]/, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 's');
}
