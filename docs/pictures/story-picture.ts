import { arrowHead, box, line, picture, tag, text, WIDTH, type Picture } from './svg.js';

const STEP = 30;
const HEAD = 74;
const MARGIN = 14;

/** Somebody with a line of his own down the page. */
export interface Actor {
  x: number;
  name: string;
  /** What the picture's description calls him. */
  subject: string;
  /** Whether it is his doing that the story is about. */
  isHero?: boolean;
}

/** A step: something is said from one to another, one does something by himself, dies or comes, or time goes by. */
export type Step<Lane extends string> =
  | { from: Lane; to: Lane; says: string }
  | { at: Lane; does: string }
  | { at: Lane; dies: true }
  | { at: Lane; comes: string }
  | { passes: string; between: [Lane, Lane] }
  | { ends: string; isBad?: boolean };

export interface Story<Lane extends string> {
  title: string;
  steps: Array<Step<Lane>>;
}

type Cast<Lane extends string> = Readonly<Record<Lane, Actor>>;

/** Who says what to whom, down the page; one panel for each story. */
export function storyPicture<Lane extends string>(
  title: string,
  cast: Cast<Lane>,
  stories: ReadonlyArray<Story<Lane>>,
): Picture {
  const panels: string[] = [];
  let top = 0;
  for (const story of stories) {
    if (top > 0) panels.push(line('rule', `M${MARGIN} ${top}H${WIDTH - MARGIN}`));
    const height = HEAD + story.steps.length * STEP + 4;
    panels.push(tag('g', { transform: `translate(0 ${top})` }, `\n${drawStory(cast, story, height).join('\n')}\n`));
    top += height;
  }
  return picture(title, stories.map((story) => sentence(cast, story)).join(' '), top, panels);
}

function drawStory<Lane extends string>(cast: Cast<Lane>, { title, steps }: Story<Lane>, height: number): string[] {
  return [
    text(MARGIN, 24, 'ink bold', title),
    ...Object.values<Actor>(cast).flatMap((actor) => [
      line('line', `M${actor.x} ${HEAD - 10}V${height - STEP - 2}`),
      ...drawActor(actor, actor.name, HEAD - 36),
    ]),
    ...steps.flatMap((step, index) => drawStep(cast, step, HEAD + index * STEP + 14)),
  ];
}

function drawActor({ x, isHero }: Actor, name: string, y: number): string[] {
  const width = name.length * 7 + 24;
  return [
    box(x - width / 2, y, width, 24, isHero === true ? 'got' : 'box', 12),
    text(x, y + 16.5, 'ink small bold middle', name),
  ];
}

function drawStep<Lane extends string>(cast: Cast<Lane>, step: Step<Lane>, y: number): string[] {
  if ('from' in step) return drawSaying(cast[step.from].x, cast[step.to].x, step.says, y);
  if ('does' in step) {
    const { x } = cast[step.at];
    return [box(x - 48, y - 9, 96, 22, 'got', 4), text(x, y + 6, 'small ink middle', step.does)];
  }
  if ('dies' in step) {
    const { x } = cast[step.at];
    return [line('bad-way', `M${x - 7} ${y - 7}l14 14m0-14-14 14`), text(x + 16, y + 4, 'small bad bold', 'dies')];
  }
  if ('passes' in step) {
    const [one, other] = step.between;
    return [text((cast[one].x + cast[other].x) / 2, y + 4, 'small quiet middle', step.passes)];
  }
  if ('comes' in step) return drawActor(cast[step.at], step.comes, y - 10);
  return [text(WIDTH / 2, y + 6, `small bold middle ${step.isBad === true ? 'bad' : 'strong'}`, step.ends)];
}

function drawSaying(fromX: number, toX: number, says: string, y: number): string[] {
  const direction = Math.sign(toX - fromX);
  const [start, end] = [fromX + direction * 4, toX - direction * 4];
  return [
    line('way', `M${start} ${y + 6}H${end - direction * 4}`),
    arrowHead(end, y + 6, direction > 0 ? 0 : 180),
    text((start + end) / 2, y, 'small ink middle', says),
  ];
}

function sentence<Lane extends string>(cast: Cast<Lane>, { title, steps }: Story<Lane>): string {
  return `${title}: ${steps.map((step) => words(cast, step)).join(', ')}.`;
}

function words<Lane extends string>(cast: Cast<Lane>, step: Step<Lane>): string {
  if ('from' in step) return `${cast[step.from].subject} ${step.says}`;
  if ('does' in step) return `${cast[step.at].subject} ${step.does}`;
  if ('dies' in step) return `${cast[step.at].subject} dies`;
  if ('passes' in step) return step.passes;
  return 'comes' in step ? `${step.comes} is there` : step.ends;
}
