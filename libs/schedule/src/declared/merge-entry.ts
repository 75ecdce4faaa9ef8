import { isDeepStrictEqual } from 'node:util';
import { DEFINITION, type EntryDefinition } from '../entry/entry.js';

/** A definition as JSON has it: what a row keeps of the code's, and what both are compared as. */
export type JsonDefinition = Record<string, unknown>;

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

/** @returns a definition as JSON has it, with its times as text */
export function jsonOf(definition: Record<keyof EntryDefinition, unknown>): JsonDefinition {
  return JSON.parse(JSON.stringify(definition)) as JsonDefinition;
}
