import { isDeepStrictEqual } from 'node:util';
import { DEFINITION, definitionOf, type EntryDefinition, type JsonDefinition } from '../entry/entry.js';
import type { DisabledReason } from '../entry/why-disabled.js';

/** What becomes of an entry when the code and the database both have a say. */
export interface MergedEntry {
  definition: JsonDefinition;
  /** The fields that follow the code, which has changed. */
  followed: string[];
  /** The fields that somebody has changed in the database, against the code: they stay. */
  kept: string[];
}

/**
 * Merges field by field. What nobody has changed in the database since the code last said it follows the code; what
 * somebody has changed stays.
 *
 * @param stored - as the database has it
 * @param declared - as the code was when it was last looked at; null: the entry did not come from the code
 * @param code - as the code is
 */
export function mergeEntry(stored: JsonDefinition, declared: JsonDefinition | null, code: JsonDefinition): MergedEntry {
  const differs = (field: string): boolean => !isDeepStrictEqual(stored[field], code[field]);
  const isChanged = (field: string): boolean => declared === null || !isDeepStrictEqual(stored[field], declared[field]);
  const kept = DEFINITION.filter((field) => differs(field) && isChanged(field));
  const followed = DEFINITION.filter((field) => differs(field) && !isChanged(field));
  return {
    definition: { ...stored, ...Object.fromEntries(followed.map((field) => [field, code[field]])) },
    followed,
    kept,
  };
}

/** @returns what somebody wants of an entry in the database: that beat has disabled it is no choice of theirs */
export function wantedOf(entry: Record<keyof EntryDefinition, unknown>, why: DisabledReason | null): JsonDefinition {
  return { ...jsonOf(definitionOf(entry)), enabled: why !== 'wanted' };
}

/** @returns a definition as JSON has it */
export function jsonOf(definition: Record<keyof EntryDefinition, unknown>): JsonDefinition {
  return JSON.parse(JSON.stringify(definition)) as JsonDefinition;
}
