import { storyPicture, type Actor, type Step, type Story } from './story-picture.js';
import type { Picture } from './svg.js';

type Lane = 'broker' | 'worker' | 'store';

const CAST: Readonly<Record<Lane, Actor>> = {
  broker: { x: 62, name: 'RabbitMQ', subject: 'RabbitMQ' },
  worker: { x: 200, name: 'worker', subject: 'it', isHero: true },
  store: { x: 338, name: 'Postgres', subject: 'Postgres' },
};

const delivers: Step<Lane> = { from: 'broker', to: 'worker', says: 'delivers' };
const again: Step<Lane> = { from: 'broker', to: 'worker', says: 'delivers again' };
const claims: Step<Lane> = { from: 'worker', to: 'store', says: 'claims: STARTED' };
const runs: Step<Lane> = { at: 'worker', does: 'runs the task' };
const commits: Step<Lane> = { from: 'worker', to: 'store', says: 'commits: SUCCESS' };
const acks: Step<Lane> = { from: 'worker', to: 'broker', says: 'acknowledges' };
const dies: Step<Lane> = { at: 'worker', dies: true };
const leaseEnds: Step<Lane> = { passes: 'its lease runs out', between: ['worker', 'store'] };
const another: Step<Lane> = { at: 'worker', comes: 'another worker' };

const STORIES: Array<Story<Lane>> = [
  { title: 'All goes well', steps: [delivers, claims, runs, commits, acks, { ends: 'RabbitMQ forgets the message' }] },
  {
    title: 'The worker dies before the commit',
    steps: [
      delivers,
      claims,
      dies,
      leaseEnds,
      another,
      again,
      claims,
      runs,
      commits,
      acks,
      { ends: 'It ran again, to its end' },
    ],
  },
  {
    title: 'The worker dies after the commit',
    steps: [
      delivers,
      claims,
      runs,
      commits,
      dies,
      another,
      again,
      { from: 'worker', to: 'store', says: 'claims: it has ended' },
      acks,
      { ends: 'It ran once' },
    ],
  },
  {
    title: 'What it would be to acknowledge first',
    steps: [delivers, acks, dies, another, { ends: 'Nobody has the message: the task is lost', isBad: true }],
  },
];

/** When a message is acknowledged, and what it costs when the worker dies. */
export function acknowledgementPicture(): Picture {
  return storyPicture('Acknowledgements', CAST, STORIES);
}
