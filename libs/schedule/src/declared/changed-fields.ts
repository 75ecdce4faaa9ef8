import { isDeepStrictEqual } from 'node:util';
import { DEFINITION, definitionOf, type Entry, type EntryDefinition } from '../entry/entry.js';
import { whyDisabled } from '../entry/why-disabled.js';
import { jsonOf } from './merge-entry.js';

/**
 * @returns the fields of an entry in which the database differs from the code, as that said them last; none where it
 * does not come from the code. That beat has disabled it is no such difference.
 */
export function changedFields(entry: Entry): Array<keyof EntryDefinition> {
  const { declared } = entry;
  if (declared === null) return [];
  const stored = jsonOf({ ...definitionOf(entry), enabled: whyDisabled(entry) !== 'wanted' });
  return DEFINITION.filter((field) => !isDeepStrictEqual(stored[field], declared[field]));
}
