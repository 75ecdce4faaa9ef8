import { countText } from './count-text.js';
import { paintFor, type OutputStream } from './terminal.js';

const WIDTH = 30;

/** A bar on a terminal that grows while something is done; nothing at all where there is no terminal. */
export class ProgressBar {
  private readonly isShown: boolean;

  constructor(private readonly stream: OutputStream = process.stderr) {
    this.isShown = stream.isTTY === true;
  }

  /** @param total - null where nobody knows it: then it is counted alone */
  show(label: string, done: number, total: number | null): void {
    if (this.isShown) this.stream.write(`\r\x1B[2K${barText(label, done, total, this.stream)}`);
  }

  /** What is done, where nothing can be counted. */
  say(label: string): void {
    if (this.isShown) this.stream.write(`\r\x1B[2K${label} ...`);
  }

  /** Takes it away, so that what is printed next begins at the left. */
  clear(): void {
    if (this.isShown) this.stream.write('\r\x1B[2K');
  }
}

function barText(label: string, done: number, total: number | null, stream: OutputStream): string {
  if (total === null) return `${label} ${countText(done)}`;
  const part = total === 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const full = Math.round(part * WIDTH);
  const paint = paintFor(stream);
  const bar = paint('green', '█'.repeat(full)) + paint('dim', '░'.repeat(WIDTH - full));
  return `${label} ${bar} ${Math.floor(part * 100)}% ${countText(done)} of ${countText(total)}`;
}
