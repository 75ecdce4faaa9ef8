import type { Command } from 'commander';
import { addExplain } from './explain.js';
import { addMigrate } from './migrate.js';
import { addResult } from './result.js';

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

/** All commands, in the order in which the help lists them. */
export const commands: readonly AddCommand[] = [addResult, addExplain, addMigrate];
