import { beforeEach, describe, expect, it } from '@jest/globals';
import { sightOf, Watchdog, type Remedy, type Sight } from './watchdog.js';

describe('Watchdog', () => {
  let watchdog: Watchdog;

  beforeEach(() => {
    watchdog = new Watchdog(3);
  });

  /** One letter a look: w(ell), s(tarving), n(ot consuming), a(way). @returns c(hannel), n(ew connection), p(rocess) */
  function looks(sights: string): string {
    const seen = { w: 'well', s: 'starving', n: 'not consuming', a: 'away' } as const;
    const named: Record<Remedy, string> = { channel: 'c', connection: 'n', process: 'p' };
    return Array.from(sights, (sight) => watchdog.look(seen[sight as keyof typeof seen]))
      .map((remedy) => (remedy === null ? '.' : named[remedy]))
      .join('');
  }

  it.each<[sights: string, remedies: string]>([
    ['wwwwwwww', '........'],
    // One look between two deliveries.
    ['swswswsw', '........'],
    ['ss', '.c'],
    ['sssss', '.c..n'],
    ['ssssssss', '.c..n..p'],
    // A channel takes a while to open.
    ['nn', '..'],
    ['nnnnnnnnn', '..c..n..p'],
    // For who has no use for a new process.
    ['sssssssssssssssss', '.c..n..p..c..n..p'],
    // It has helped.
    ['ssswsssss', '.c...c..n'],
    ['ssssswssssssss', '.c..n..c..n..p'],
    // A broker that is away is waited for.
    ['aaaaaaaaaaaaaa', '..............'],
    // The new connection takes a while, and then it does not help.
    ['sssssaaaaaasss', '.c..n........p'],
    ['sssssaaaaannss', '.c..n.......p.'],
    ['sssssaaaaannww', '.c..n.........'],
    // Each new connection goes, and none has ever consumed.
    ['nanananananana', '....c.....n...'],
  ])('%s: %s', (sights, remedies) => {
    expect(looks(sights)).toBe(remedies);
  });

  it('is suspicious from the first remedy until it is seen that it has helped', () => {
    const suspicions = Array.from('sssasw', (sight) => {
      looks(sight);
      return watchdog.suspicious;
    });
    expect(suspicions).toEqual([false, true, true, true, true, false]);
  });
});

describe('sightOf', () => {
  it.each<[messageCount: number, consumerCount: number, takesTurns: boolean, sight: Sight]>([
    [0, 1, false, 'well'],
    [1, 1, false, 'starving'],
    [0, 0, false, 'starving'],
    // It may be the turn of another one.
    [1, 2, true, 'well'],
    [1, 0, true, 'starving'],
  ])('%i messages, %i consumers, takes turns %s: %s', (messageCount, consumerCount, takesTurns, sight) => {
    expect(sightOf({ messageCount, consumerCount }, takesTurns)).toBe(sight);
  });
});
