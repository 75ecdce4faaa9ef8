import type { RoutingExampleMessage } from '@celeriac/tasks/testing';
import { box, envelope, text } from './svg.js';

const LINE_HEIGHT = 15;
const PADDING = 7;
/** Of a letter in the typeface for code. */
const LETTER_WIDTH = 6.95;

/** Headers as a reader says them; null stands for any value. */
export function linesOf(headers: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${wordOf(value)}`);
}

function wordOf(value: unknown): string {
  if (value === null) return 'any';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How high the chip of a message is, in pixels. */
export function messageHeight(message: RoutingExampleMessage): number {
  return shown(message).length * LINE_HEIGHT + 2 * PADDING;
}

/** The message as its exchange sees it: the routing key, or the headers. */
export function drawMessage(message: RoutingExampleMessage, x: number, y: number): string[] {
  const words = shown(message);
  const width = Math.max(96, Math.ceil(Math.max(...words.map(({ length }) => length)) * LETTER_WIDTH) + 36);
  return [
    box(x, y, width, messageHeight(message), 'message'),
    envelope(x + 14, y + PADDING + LINE_HEIGHT / 2, 'message'),
    ...words.map((line, index) => text(x + 27, y + PADDING + index * LINE_HEIGHT + 11.5, 'code ink', line)),
  ];
}

function shown({ routingKey, headers }: RoutingExampleMessage): string[] {
  if (headers !== undefined) return linesOf(headers);
  return [routingKey === '' ? '(no key)' : routingKey];
}
