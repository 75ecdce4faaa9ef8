import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** A colour or a kind of letters, or several: the names of Node's `styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Gives text a style where it is shown in colours; elsewhere it leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** A process's stdout or stderr, which may be a terminal, a file or a pipe. */
export type OutputStream = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>;

/** Where a command says things: the answer goes to stdout, all else to stderr. */
export class Terminal {
  /** @param isJson - the answer is one JSON value */
  constructor(
    readonly isJson: boolean,
    private readonly out: OutputStream = process.stdout,
    private readonly err: OutputStream = process.stderr,
  ) {}

  /**
   * Prints the answer.
   *
   * @param value - what it is in JSON
   * @param text - makes what it is for people; `width` is that of the terminal, Infinity where there is none
   */
  print(value: unknown, text: (paint: Paint, width: number) => string): void {
    const { isTTY = false, columns = 80 } = this.out;
    this.out.write(
      `${this.isJson ? JSON.stringify(value, undefined, 2) : text(paintFor(this.out), isTTY ? columns : Infinity)}\n`,
    );
  }

  /** Says something that is not the answer. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }
}

/** Honours NO_COLOR and FORCE_COLOR; of a terminal Node knows both. */
export function paintFor(stream: OutputStream): Paint {
  const isColoured = stream.isTTY === true ? (stream.hasColors?.() ?? false) : isForced(process.env['FORCE_COLOR']);
  return isColoured ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

function isForced(setting: string | undefined): boolean {
  return setting !== undefined && setting !== '0' && setting !== 'false';
}
