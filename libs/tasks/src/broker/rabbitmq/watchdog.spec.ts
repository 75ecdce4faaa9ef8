import { beforeEach, describe, expect, it } from '@jest/globals';
import { Watchdog, type Remedy, type Sight } from './watchdog.js';

describe('Watchdog', () => {
  let watchdog: Watchdog;

  beforeEach(() => {
    watchdog = new Watchdog(3);
  });

  /** One letter a look: w(ell), u(nwell), a(way). @returns one a look as well: c(hannel), n(ew connection), p(rocess) */
  function looks(sights: string): string {
    const seen: Record<string, Sight> = { w: 'well', u: 'unwell', a: 'away' };
    const named: Record<Remedy, string> = { channel: 'c', connection: 'n', process: 'p' };
    return [...sights]
      .map((sight) => watchdog.look(seen[sight] as Sight))
      .map((remedy) => (remedy === null ? '.' : named[remedy]))
      .join('');
  }

  it.each<[sights: string, remedies: string]>([
    ['wwwwwwww', '........'],
    // One look between two deliveries.
    ['uwuwuwuw', '........'],
    ['uu', '.c'],
    ['uuuuu', '.c..n'],
    ['uuuuuuuu', '.c..n..p'],
    // For who has no use for a new process.
    ['uuuuuuuuuuuuuuuuu', '.c..n..p..c..n..p'],
    // It has helped.
    ['uuuwuuuuu', '.c...c..n'],
    ['uuuuuwuuuuuuuu', '.c..n..c..n..p'],
    // A broker that is away is waited for.
    ['aaaaaaaaaaaaaa', '..............'],
    ['uaua', '....'],
    // The new connection takes a while, and then it does not help.
    ['uuuuuaaaaaauuu', '.c..n........p'],
    ['uuuuuaaaaaauuw', '.c..n.........'],
  ])('%s: %s', (sights, remedies) => {
    expect(looks(sights)).toBe(remedies);
  });

  it('is suspicious from the first remedy until it is seen that it has helped', () => {
    const suspicions = [...'uuuauw'].map((sight) => {
      looks(sight);
      return watchdog.suspicious;
    });
    expect(suspicions).toEqual([false, true, true, true, true, false]);
  });
});
