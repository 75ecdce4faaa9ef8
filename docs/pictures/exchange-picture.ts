import { routeMessage } from '@celeriac/tasks';
import type { RoutingExampleMessage, RoutingExample } from '@celeriac/tasks/testing';
import { messageHeight, drawMessage, linesOf } from './message-chip.js';
import { arrowHead, box, envelope, line, picture, tag, text, WIDTH, type Picture } from './svg.js';

const MARGIN = 14;
const EXCHANGE = { width: 96, height: 40 };
/** Between a message and its exchange. */
const DROP = 26;
/** How far below the message the first line is, so that none runs across it. */
const CLEARANCE = 18;
/** Where lines have left the exchange, and where they meet a queue. */
const FAN_END = 160;
const QUEUE_X = 272;
const QUEUE_WIDTH = WIDTH - QUEUE_X - MARGIN;
const QUEUE_HALF = 13;
const LINE_HEIGHT = 13;

/** A binding as it is drawn: what it asks for, and the middle of its line. */
interface Way {
  queue: string;
  words: string[];
  /** Whether the message takes it. */
  isTaken: boolean;
  y: number;
}

/** One panel for each message of the example. Which lines are strong is asked of {@link routeMessage}. */
export function exchangePicture(example: RoutingExample): Picture {
  const panels: string[] = [];
  let top = 0;
  for (const message of example.messages) {
    if (top > 0) panels.push(line('rule', `M${MARGIN} ${top}H${WIDTH - MARGIN}`));
    const { content, height } = panel(example, message);
    panels.push(tag('g', { transform: `translate(0 ${top})` }, `\n${content.join('\n')}\n`));
    top += height;
  }
  return picture(
    titleOf(example),
    example.messages.map((message) => sentence(example, message)).join(' '),
    top,
    panels,
  );
}

function panel(example: RoutingExample, message: RoutingExampleMessage): { content: string[]; height: number } {
  const { exchange, topology } = example;
  const queues = routeMessage(topology, exchange, message.routingKey, message.headers);
  const messageEnd = MARGIN + messageHeight(message);
  const ways = placedWays(example, message, messageEnd + CLEARANCE);
  const [firstY, lastY] = [ways[0]?.y ?? 0, ways.at(-1)?.y ?? 0];
  const exchangeY = Math.max(messageEnd + DROP, (firstY + lastY - EXCHANGE.height) / 2);
  const drawnEnd = Math.max(exchangeY + EXCHANGE.height, lastY + QUEUE_HALF);
  const isReturned = queues.length === 0;
  return {
    height: drawnEnd + MARGIN + (isReturned ? 16 : 0),
    content: [
      ...drawMessage(message, MARGIN, MARGIN),
      ...drawWays(ways, exchangeY + EXCHANGE.height / 2),
      ...drawArrival(messageEnd, exchangeY),
      ...(isReturned ? drawReturn(messageEnd, exchangeY, drawnEnd) : []),
      ...drawExchange(example, exchangeY),
      ...topology.queues.flatMap(({ name }) => drawQueue(name, ways, queues.includes(name))),
    ],
  };
}

/** The bindings; to the default exchange each queue is bound by its name. Whether one fits is asked for it alone. */
function waysOf({ exchange, topology }: RoutingExample, { routingKey, headers }: RoutingExampleMessage): Way[] {
  if (exchange === '') {
    const taken = routeMessage(topology, exchange, routingKey);
    return topology.queues.map(({ name }) => ({ queue: name, words: [name], isTaken: taken.includes(name), y: 0 }));
  }
  return topology.bindings.map((binding) => {
    const alone = { ...topology, bindings: [binding] };
    const isTaken = routeMessage(alone, exchange, routingKey, headers).length > 0;
    return { queue: binding.queue, words: wordsOf(binding), isTaken, y: 0 };
  });
}

function wordsOf({ routingKey, arguments: args }: RoutingExample['topology']['bindings'][number]): string[] {
  if (args === undefined) return routingKey === undefined ? [] : [routingKey];
  const { 'x-match': match = 'all', ...headers } = args;
  const joint = match === 'any' ? 'or ' : 'and ';
  return linesOf(headers).map((words, index) => (index === 0 ? words : joint + words));
}

/** @param firstY - where the first line is at the highest */
function placedWays(example: RoutingExample, message: RoutingExampleMessage, firstY: number): Way[] {
  const ways = waysOf(example, message);
  let y = firstY;
  for (const [index, way] of ways.entries()) {
    if (index > 0) y += 34 + Math.max(0, way.words.length - 1) * LINE_HEIGHT;
    way.y = y;
  }
  return ways;
}

function drawWays(ways: Way[], fromY: number): string[] {
  const startX = MARGIN + EXCHANGE.width;
  const bend = (FAN_END - startX) / 2;
  // The strong ones last, over the others.
  return ways
    .toSorted((a, b) => Number(a.isTaken) - Number(b.isTaken))
    .flatMap(({ words, isTaken, y }) => {
      const d = `M${startX} ${fromY}C${startX + bend} ${fromY} ${FAN_END - bend} ${y} ${FAN_END} ${y}H${QUEUE_X - 5}`;
      const labels = words.map((word, index) =>
        text(
          FAN_END + 4,
          y - 5 - (words.length - 1 - index) * LINE_HEIGHT,
          `code ${isTaken ? 'strong' : 'quiet'}`,
          word,
        ),
      );
      return [line(isTaken ? 'way' : 'line', d), ...(isTaken ? [arrowHead(QUEUE_X - 2, y, 0)] : []), ...labels];
    });
}

/** The message comes to the exchange. */
function drawArrival(fromY: number, toY: number): string[] {
  const x = MARGIN + EXCHANGE.width / 2;
  return [line('way', `M${x} ${fromY + 2}V${toY - 6}`), arrowHead(x, toY - 2, 90)];
}

/** No queue takes it: it goes back. */
function drawReturn(messageEnd: number, exchangeY: number, drawnEnd: number): string[] {
  const x = MARGIN + EXCHANGE.width / 2 + 26;
  return [
    line('bad-way', `M${x} ${exchangeY - 2}V${messageEnd + 8}`),
    arrowHead(x, messageEnd + 3, -90, 'bad'),
    text(MARGIN, drawnEnd + 18, 'small bad bold', 'No queue takes it: it goes back to its sender'),
  ];
}

function drawExchange({ name, exchange }: RoutingExample, y: number): string[] {
  const middle = MARGIN + EXCHANGE.width / 2;
  const shown = exchange === '' ? 'default' : exchange;
  return [
    box(MARGIN, y, EXCHANGE.width, EXCHANGE.height, 'box', EXCHANGE.height / 2),
    text(middle, y + 18, 'ink bold middle', shown),
    text(middle, y + 32, 'small quiet middle', exchange === '' ? 'exchange' : name),
  ];
}

function drawQueue(name: string, ways: Way[], hasGot: boolean): string[] {
  const ys = ways.filter(({ queue }) => queue === name).map(({ y }) => y);
  const top = Math.min(...ys) - QUEUE_HALF;
  const height = Math.max(...ys) + QUEUE_HALF - top;
  const middle = top + height / 2;
  return [
    box(QUEUE_X, top, QUEUE_WIDTH, height, hasGot ? 'got' : 'box'),
    text(QUEUE_X + 8, middle + 4.5, hasGot ? 'ink bold' : 'quiet', name),
    ...(hasGot ? [envelope(WIDTH - MARGIN - 13, middle, 'way')] : []),
  ];
}

function titleOf({ name, exchange }: RoutingExample): string {
  return exchange === '' ? 'The default exchange' : `A ${name} exchange, ${exchange}`;
}

function sentence({ exchange, topology, name }: RoutingExample, message: RoutingExampleMessage): string {
  const queues = routeMessage(topology, exchange, message.routingKey, message.headers);
  const said = name === 'headers' ? linesOf(message.headers ?? {}).join(', ') : message.routingKey;
  const by = said === '' ? 'without a routing key' : `with ${name === 'headers' ? 'headers' : 'routing key'} ${said}`;
  if (queues.length === 0) return `A message ${by} goes to no queue, and comes back.`;
  return `A message ${by} goes to ${new Intl.ListFormat('en').format(queues)}.`;
}
