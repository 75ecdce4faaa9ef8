import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';

/**
 * Makes sure that there is somebody to answer a question.
 *
 * @param command - that asks, and does not with `--force`
 * @throws {@link CommandError} when there is nobody
 */
export function assertCanAsk(command: string): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  throw new CommandError(ExitCode.usage, `Without a terminal to ask at, ${command} needs --force.`);
}

/** Asks a question that wants a yes. @returns whether it was one; all else is a no */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-D and Ctrl-C are answers too.
  const closed = new Promise<string>((resolve) => terminal.on('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
