import { arrowHead, box, line, picture, tag, text, WIDTH, type Picture } from './svg.js';

/** Where the lifelines are. */
const LANES = { broker: 62, worker: 200, store: 338 } as const;
const NAMES: Readonly<Record<Lane, string>> = { broker: 'RabbitMQ', worker: 'worker', store: 'Postgres' };
const STEP = 30;
const HEAD = 74;
const MARGIN = 14;

type Lane = keyof typeof LANES;

/** A step: something is said from one to another, the worker does something by itself, or somebody's time is over. */
type Step =
  | { from: Lane; to: Lane; says: string }
  | { does: string }
  | { dies: true }
  | { passes: string }
  | { another: true }
  | { ends: string; isBad?: boolean };

interface Story {
  title: string;
  steps: Step[];
}

const delivers: Step = { from: 'broker', to: 'worker', says: 'delivers' };
const again: Step = { from: 'broker', to: 'worker', says: 'delivers again' };
const claims: Step = { from: 'worker', to: 'store', says: 'claims: STARTED' };
const runs: Step = { does: 'runs the task' };
const commits: Step = { from: 'worker', to: 'store', says: 'commits: SUCCESS' };
const acks: Step = { from: 'worker', to: 'broker', says: 'acknowledges' };
const dies: Step = { dies: true };
const leaseEnds: Step = { passes: 'its lease runs out' };
const another: Step = { another: true };

const STORIES: Story[] = [
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

/** Who says what to whom, down the page. */
export function acknowledgementPicture(): Picture {
  const panels: string[] = [];
  let top = 0;
  for (const story of STORIES) {
    if (top > 0) panels.push(line('rule', `M${MARGIN} ${top}H${WIDTH - MARGIN}`));
    const height = HEAD + story.steps.length * STEP + 4;
    panels.push(tag('g', { transform: `translate(0 ${top})` }, `\n${drawStory(story, height).join('\n')}\n`));
    top += height;
  }
  return picture('Acknowledgements', STORIES.map(sentence).join(' '), top, panels);
}

function drawStory({ title, steps }: Story, height: number): string[] {
  const lanes = Object.keys(LANES) as Lane[];
  return [
    text(MARGIN, 24, 'ink bold', title),
    ...lanes.flatMap((lane) => [
      line('line', `M${LANES[lane]} ${HEAD - 10}V${height - STEP - 2}`),
      ...drawActor(lane, NAMES[lane], HEAD - 36),
    ]),
    ...steps.flatMap((step, index) => drawStep(step, HEAD + index * STEP + 14)),
  ];
}

function drawActor(lane: Lane, name: string, y: number): string[] {
  const width = name.length * 7 + 24;
  return [
    box(LANES[lane] - width / 2, y, width, 24, lane === 'worker' ? 'got' : 'box', 12),
    text(LANES[lane], y + 16.5, 'ink small bold middle', name),
  ];
}

function drawStep(step: Step, y: number): string[] {
  if ('from' in step) return drawSaying(step, y);
  if ('does' in step) {
    return [box(LANES.worker - 48, y - 9, 96, 22, 'got', 4), text(LANES.worker, y + 6, 'small ink middle', step.does)];
  }
  if ('dies' in step) {
    const { worker: x } = LANES;
    return [line('bad-way', `M${x - 7} ${y - 7}l14 14m0-14-14 14`), text(x + 16, y + 4, 'small bad bold', 'dies')];
  }
  if ('passes' in step) return [text((LANES.worker + LANES.store) / 2, y + 4, 'small quiet middle', step.passes)];
  if ('another' in step) return drawActor('worker', 'another worker', y - 10);
  return [text(WIDTH / 2, y + 6, `small bold middle ${step.isBad === true ? 'bad' : 'strong'}`, step.ends)];
}

function drawSaying({ from, to, says }: Extract<Step, { from: Lane }>, y: number): string[] {
  const direction = Math.sign(LANES[to] - LANES[from]);
  const [start, end] = [LANES[from] + direction * 4, LANES[to] - direction * 4];
  return [
    line('way', `M${start} ${y + 6}H${end - direction * 4}`),
    arrowHead(end, y + 6, direction > 0 ? 0 : 180),
    text((start + end) / 2, y, 'small ink middle', says),
  ];
}

function sentence({ title, steps }: Story): string {
  return `${title}: ${steps.map(words).join(', ')}.`;
}

function words(step: Step): string {
  if ('from' in step) return step.from === 'worker' ? `it ${step.says}` : `${NAMES[step.from]} ${step.says}`;
  if ('does' in step) return `it ${step.does}`;
  if ('dies' in step) return 'the worker dies';
  if ('passes' in step) return step.passes;
  return 'another' in step ? 'another worker is there' : step.ends;
}
