import { isDeepStrictEqual } from 'node:util';
import { DEFINITION, type Entry, type EntryDefinition } from '../entry/entry.js';
import { whyDisabled } from '../entry/why-disabled.js';
import { wantedOf } from './merge-entry.js';

/**
 * @returns the fields of an entry in which the database differs from the code, as that said them last; none where it
 * does not come from the code
 */
export function changedFields(entry: Entry): Array<keyof EntryDefinition> {
  const { declared } = entry;
  if (declared === null) return [];
  const stored = wantedOf(entry, whyDisabled(entry));
  return DEFINITION.filter((field) => !isDeepStrictEqual(stored[field], declared[field]));
}
