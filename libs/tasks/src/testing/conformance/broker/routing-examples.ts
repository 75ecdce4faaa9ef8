import type { QueueDeclaration } from '../../../broker/topology.js';
import type { RoutingExample } from './routing-example.js';

function quorumQueues(...names: string[]): QueueDeclaration[] {
  return names.map((name) => ({ name, type: 'quorum' }));
}

/** One for each type of exchange: every broker has to do as they say, and docs/routing.md shows them as pictures. */
export const routingExamples: RoutingExample[] = [
  {
    name: 'default',
    exchange: '',
    topology: {
      exchanges: [],
      queues: [...quorumQueues('thumbnails', 'letters'), { name: 'celery', type: 'classic' }],
      bindings: [],
    },
    messages: [
      { routingKey: 'letters', queues: ['letters'] },
      { routingKey: 'celery', queues: ['celery'] },
      { routingKey: 'lettres', queues: [] },
    ],
  },
  {
    name: 'direct',
    exchange: 'orders',
    topology: {
      exchanges: [{ name: 'orders', type: 'direct' }],
      queues: quorumQueues('invoices', 'parcels', 'refunds'),
      bindings: [
        { exchange: 'orders', queue: 'invoices', routingKey: 'paid' },
        { exchange: 'orders', queue: 'parcels', routingKey: 'paid' },
        { exchange: 'orders', queue: 'refunds', routingKey: 'cancelled' },
        { exchange: 'orders', queue: 'refunds', routingKey: 'returned' },
      ],
    },
    messages: [
      { routingKey: 'paid', queues: ['invoices', 'parcels'] },
      { routingKey: 'returned', queues: ['refunds'] },
      { routingKey: 'paid.late', queues: [] },
    ],
  },
  {
    name: 'topic',
    exchange: 'events',
    topology: {
      exchanges: [{ name: 'events', type: 'topic' }],
      queues: quorumQueues('audit', 'webhooks', 'alarms'),
      bindings: [
        { exchange: 'events', queue: 'audit', routingKey: '#' },
        { exchange: 'events', queue: 'webhooks', routingKey: 'mail.*' },
        { exchange: 'events', queue: 'alarms', routingKey: '*.refused.#' },
        { exchange: 'events', queue: 'alarms', routingKey: '#.spam' },
      ],
    },
    messages: [
      { routingKey: 'mail.accepted', queues: ['audit', 'webhooks'] },
      { routingKey: 'mail.refused', queues: ['audit', 'webhooks', 'alarms'] },
      { routingKey: 'mail.refused.spam', queues: ['audit', 'alarms'] },
      { routingKey: 'login', queues: ['audit'] },
    ],
  },
  {
    name: 'fanout',
    exchange: 'prices',
    topology: {
      exchanges: [{ name: 'prices', type: 'fanout' }],
      queues: quorumQueues('shop', 'printer', 'statistics'),
      bindings: [
        { exchange: 'prices', queue: 'shop' },
        { exchange: 'prices', queue: 'printer' },
        { exchange: 'prices', queue: 'statistics' },
      ],
    },
    messages: [
      { routingKey: '', queues: ['shop', 'printer', 'statistics'] },
      { routingKey: 'whatever', queues: ['shop', 'printer', 'statistics'] },
    ],
  },
  {
    name: 'headers',
    exchange: 'papers',
    topology: {
      exchanges: [{ name: 'papers', type: 'headers' }],
      queues: quorumQueues('archive', 'desk', 'signed'),
      bindings: [
        { exchange: 'papers', queue: 'archive', arguments: { 'x-match': 'all', kind: 'invoice', year: 2026 } },
        { exchange: 'papers', queue: 'desk', arguments: { 'x-match': 'any', kind: 'reminder', urgent: true } },
        { exchange: 'papers', queue: 'signed', arguments: { signature: null } },
      ],
    },
    messages: [
      { routingKey: '', headers: { kind: 'invoice', year: 2026 }, queues: ['archive'] },
      { routingKey: '', headers: { kind: 'invoice', year: 2026, urgent: true }, queues: ['archive', 'desk'] },
      { routingKey: '', headers: { kind: 'reminder', signature: 'Ann' }, queues: ['desk', 'signed'] },
      { routingKey: '', headers: { kind: 'invoice', year: 2025 }, queues: [] },
    ],
  },
];
