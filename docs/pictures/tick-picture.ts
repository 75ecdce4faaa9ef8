import { storyPicture, type Actor, type Step, type Story } from './story-picture.js';
import type { Picture } from './svg.js';

type Lane = 'one' | 'store' | 'other';

const CAST: Readonly<Record<Lane, Actor>> = {
  one: { x: 58, name: 'beat', subject: 'one beat', isHero: true },
  store: { x: 200, name: 'Postgres', subject: 'Postgres' },
  other: { x: 342, name: 'beat', subject: 'the other', isHero: true },
};

const locks: Step<Lane> = { from: 'one', to: 'store', says: 'locks what is due' };
const writes: Step<Lane> = { from: 'one', to: 'store', says: 'writes tick and task' };
const commits: Step<Lane> = { from: 'one', to: 'store', says: 'commits' };
const dies: Step<Lane> = { at: 'one', dies: true };

const STORIES: Array<Story<Lane>> = [
  {
    title: 'Two beats, and one time that has come',
    steps: [
      locks,
      { from: 'other', to: 'store', says: 'skips what is locked' },
      writes,
      commits,
      { ends: 'One task, and nobody has waited' },
    ],
  },
  {
    title: 'kill -9 before the commit',
    steps: [
      locks,
      writes,
      dies,
      { passes: 'all is undone', between: ['one', 'store'] },
      { from: 'other', to: 'store', says: 'locks what is due' },
      { from: 'other', to: 'store', says: 'writes tick and task' },
      { from: 'other', to: 'store', says: 'commits' },
      { ends: 'One task, sent by the other' },
    ],
  },
  {
    title: 'kill -9 after the commit',
    steps: [
      locks,
      writes,
      commits,
      dies,
      { from: 'other', to: 'store', says: 'finds nothing due' },
      { ends: 'One task; its message is in the outbox' },
    ],
  },
  {
    title: 'The same time comes once more',
    steps: [
      { from: 'other', to: 'store', says: 'locks what is due' },
      { from: 'other', to: 'store', says: 'finds its tick there' },
      { from: 'other', to: 'store', says: 'commits: due next' },
      { ends: 'Still one task' },
    ],
  },
];

/** How each time of an entry is sent once. */
export function tickPicture(): Picture {
  return storyPicture('One task for each time', CAST, STORIES);
}
