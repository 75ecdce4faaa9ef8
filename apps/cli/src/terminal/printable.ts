/**
 * Of what others wrote (names, errors, messages): whatever it would have a terminal do is shown and not done.
 *
 * @returns the text with a mark in place of each control character but line breaks and tabs
 */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

/** @returns the text in one line, as {@link printable} */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ');
}
