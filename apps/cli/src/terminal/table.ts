import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './terminal.js';

const GAP = '  ';

/**
 * Lays out rows in columns, each as wide as its widest cell. The last one is cut off where the terminal ends.
 *
 * @param headings - one for each column
 */
export function table(
  headings: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  paint: Paint,
  width: number,
): string {
  const heads = headings.map((heading) => paint('bold', heading));
  const widths = headings.map((_, column) => Math.max(...[heads, ...rows].map((row) => widthOf(row[column] ?? ''))));
  return [heads, ...rows].map((row) => layOut(row, widths, width)).join('\n');
}

/** Lays out names and what they stand for, one a line; what has several lines goes on under its first one. */
export function fields(entries: ReadonlyArray<readonly [name: string, value: string]>, paint: Paint): string {
  const indent = Math.max(...entries.map(([name]) => name.length)) + GAP.length;
  return entries
    .map(([name, value]) => {
      const [first, ...rest] = value.split('\n');
      return [paint('bold', name.padEnd(indent)) + first, ...rest.map((line) => ' '.repeat(indent) + line)].join('\n');
    })
    .join('\n');
}

function layOut(row: readonly string[], widths: readonly number[], width: number): string {
  const last = row.length - 1;
  const before = row
    .slice(0, last)
    .map((cell, column) => cell + ' '.repeat((widths[column] as number) - widthOf(cell)));
  const room = width - before.reduce((sum, cell) => sum + widthOf(cell) + GAP.length, 0);
  return [...before, cut(row[last] ?? '', room)].join(GAP).trimEnd();
}

/** Cuts only what is too long, which must be without colours then. */
function cut(cell: string, room: number): string {
  if (widthOf(cell) <= room || room < 2) return cell;
  return `${stripVTControlCharacters(cell).slice(0, room - 1)}…`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
