import { describe, expect, it } from '@jest/globals';
import { ProgressBar } from './progress-bar.js';
import { Terminal, type OutputStream } from './terminal.js';

/** A stream, and what was written to it. */
function stream(kind: Partial<OutputStream> = {}): OutputStream & { text: string } {
  return {
    text: '',
    write(text: string | Uint8Array) {
      this.text += String(text);
      return true;
    },
    ...kind,
  };
}

const TERMINAL = { isTTY: true as const, columns: 40, hasColors: () => true };

describe('Terminal', () => {
  it('prints the answer to stdout, with the width of a terminal and in its colours', () => {
    const [out, err] = [stream(TERMINAL), stream()];
    const terminal = new Terminal(false, out, err);
    terminal.print({}, (paint, width) => `${paint('bold', 'wide')} ${width}`);
    terminal.note('aside');
    expect([out.text, err.text]).toEqual(['\x1B[1mwide\x1B[22m 40\n', 'aside\n']);
  });

  it('prints it plainly elsewhere, on a terminal without colours too', () => {
    for (const kind of [{}, { ...TERMINAL, hasColors: () => false }]) {
      const out = stream(kind);
      new Terminal(false, out, stream()).print({}, (paint) => paint('bold', 'plain'));
      expect(out.text).toBe('plain\n');
    }
  });

  it('prints one JSON value where that is wanted', () => {
    const out = stream(TERMINAL);
    new Terminal(true, out, stream()).print([{ at: new Date(0) }], () => 'not this');
    expect(JSON.parse(out.text)).toEqual([{ at: '1970-01-01T00:00:00.000Z' }]);
  });
});

describe('ProgressBar', () => {
  it('grows on a terminal, and is taken away', () => {
    const err = stream({ ...TERMINAL, hasColors: () => false });
    const bar = new ProgressBar(err);
    bar.show('Purging', 500, 2000);
    bar.show('Purging', 3000, 2000);
    bar.show('Found', 1234, null);
    bar.say('PENDING');
    bar.clear();
    expect(err.text.split('\r\x1B[2K')).toEqual([
      '',
      `Purging ${'█'.repeat(8)}${'░'.repeat(22)} 25% 500 of 2,000`,
      `Purging ${'█'.repeat(30)} 100% 3,000 of 2,000`,
      'Found 1,234',
      'PENDING ...',
      '',
    ]);
  });

  it('is nothing elsewhere', () => {
    const err = stream();
    const bar = new ProgressBar(err);
    bar.show('Purging', 1, 2);
    bar.say('PENDING');
    bar.clear();
    expect(err.text).toBe('');
  });
});
