import type { Command } from 'commander';
import { addBeat } from './beat.js';
import { addCall } from './call.js';
import { addDlq } from './dlq.js';
import { addExplain } from './explain.js';
import { addList } from './list.js';
import { addMigrate } from './migrate.js';
import { addPurge } from './purge.js';
import { addReport } from './report.js';
import { addResult } from './result.js';
import { addRevoke } from './revoke.js';
import { addSchedule } from './schedule/index.js';
import { addStatus } from './status.js';
import { addWorker } from './worker.js';

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

/** All commands, in the order in which the help lists them. */
export const commands: readonly AddCommand[] = [
  addWorker,
  addBeat,
  addStatus,
  addCall,
  addResult,
  addExplain,
  addList,
  addRevoke,
  addPurge,
  addDlq,
  addSchedule,
  addMigrate,
  addReport,
];
