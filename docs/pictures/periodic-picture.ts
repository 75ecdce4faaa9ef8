import { arrowHead, box, envelope, line, picture, text, WIDTH, type Picture } from './svg.js';

const MARGIN = 14;
/** The entry on the left, what one commit writes on the right, the beats between. */
const ENTRY = { x: MARGIN, y: 96, width: 112, height: 92 } as const;
const COMMIT = { x: 250, y: 80, width: WIDTH - 250 - MARGIN, height: 124 } as const;
const BEATS = [102, 152] as const;
const BEAT = { x: 160, width: 60, height: 30 } as const;
const RAIL_Y = 49;
const WAY_DOWN = 244;

const DESCRIPTION =
  'The code (@Periodic), the command line (celeriac schedule) and your app (ScheduleBook) write entries into Postgres. ' +
  'The entry digest, 0 7 * * *, is due next at 07:00. Any number of beats look at it, and one of them writes, in one ' +
  'commit, the tick digest 07:00, its task, and the message in the outbox. The message goes to RabbitMQ, and from there ' +
  'to a worker.';

/** Who writes entries, and what becomes of one that is due. */
export function periodicPicture(): Picture {
  return picture('Periodic tasks', DESCRIPTION, 294, [
    ...drawWriters(),
    ...drawEntry(),
    ...drawBeats(),
    ...drawCommit(),
    ...drawWayToWorker(),
  ]);
}

function drawWriters(): string[] {
  const writers = ['@Periodic', 'celeriac schedule', 'ScheduleBook'];
  const entryX = ENTRY.x + 40;
  let x = MARGIN;
  const drawn = writers.flatMap((name) => {
    const width = name.length * 7 + 18;
    const middle = x + width / 2;
    const chip = [box(x, MARGIN, width, 26, 'message'), text(middle, MARGIN + 17, 'code ink middle', name)];
    x += width + 12;
    return [...chip, line('way', `M${middle} ${MARGIN + 28}V${RAIL_Y}H${entryX}`)];
  });
  return [
    ...drawn,
    line('way', `M${entryX} ${RAIL_Y}V${ENTRY.y - 22}`),
    arrowHead(entryX, ENTRY.y - 17, 90),
    text(entryX + 10, RAIL_Y + 15, 'small quiet', 'write entries'),
  ];
}

function drawEntry(): string[] {
  const { x, y, width, height } = ENTRY;
  return [
    box(x, y - 14, width, height + 14, 'box'),
    text(x + 10, y + 6, 'ink bold', 'digest'),
    text(x + 10, y + 26, 'code ink', '0 7 * * *'),
    text(x + 10, y + 44, 'small quiet', 'Europe/Vienna'),
    text(x + 10, y + 66, 'small ink', 'next: 07:00'),
    text(x + width / 2, y + height + 16, 'small quiet middle', 'Postgres: entry'),
  ];
}

function drawBeats(): string[] {
  const { x, width, height } = BEAT;
  const from = ENTRY.x + ENTRY.width;
  return [
    ...BEATS.flatMap((y, index) => [
      box(x, y, width, height, 'got', height / 2),
      text(x + width / 2, y + 19, 'ink bold middle', 'beat'),
      line(index === 0 ? 'way' : 'line', `M${from + 3} ${y + height / 2}H${x - 9}`),
      line(index === 0 ? 'way' : 'line', `M${x + width + 3} ${y + height / 2}H${COMMIT.x - 9}`),
    ]),
    arrowHead(x - 4, BEATS[0] + height / 2, 0),
    arrowHead(COMMIT.x - 4, BEATS[0] + height / 2, 0),
    text(x + width / 2, BEATS[1] + height + 16, 'small quiet middle', 'any number'),
    text((from + x) / 2, BEATS[0] + 7, 'small ink middle', 'due'),
  ];
}

function drawCommit(): string[] {
  const { x, y, width, height } = COMMIT;
  const rows = ['tick: digest 07:00', 'task: PENDING', 'outbox: message'];
  return [
    box(x, y, width, height, 'box'),
    ...rows.flatMap((words, index) => [
      box(x + 6, y + 10 + index * 37, width - 12, 29, 'got', 4),
      text(x + width / 2, y + 28.5 + index * 37, 'small ink middle', words),
    ]),
    text(x + width / 2, y + height + 16, 'small quiet middle', 'one commit'),
  ];
}

function drawWayToWorker(): string[] {
  const broker = { x: 172, width: 92 };
  const worker = { x: MARGIN, width: 92 };
  const middle = WAY_DOWN + 18;
  const fromX = COMMIT.x + COMMIT.width / 2;
  return [
    line('way', `M${fromX} ${COMMIT.y + COMMIT.height + 24}V${middle}H${broker.x + broker.width + 9}`),
    arrowHead(broker.x + broker.width + 4, middle, 180),
    envelope(fromX - 32, middle - 12, 'way'),
    box(broker.x, WAY_DOWN, broker.width, 36, 'box', 18),
    text(broker.x + broker.width / 2, middle + 4.5, 'ink bold middle', 'RabbitMQ'),
    line('way', `M${broker.x - 3} ${middle}H${worker.x + worker.width + 9}`),
    arrowHead(worker.x + worker.width + 4, middle, 180),
    box(worker.x, WAY_DOWN, worker.width, 36, 'got', 18),
    text(worker.x + worker.width / 2, middle + 4.5, 'ink bold middle', 'worker'),
  ];
}
