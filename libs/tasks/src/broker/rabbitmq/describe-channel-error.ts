import { meaningOf, type Meaning } from './error-meaning.js';

const CHANNEL: Meaning[] = [
  [
    /inequivalent arg '(.+?)' for (queue|exchange) '(.+?)' in vhost '(.+?)': received (.+?) but current is (.+?)"?$/s,
    ([, argument, kind, name, vhost, wanted, found]) =>
      `${named(kind, name)} is there with ${argument} ${valueOf(found)} instead of ${valueOf(wanted)}, and is used as it is. ` +
      `To have it as declared, ${removal(kind, name, vhost)}: it is made anew. Or give it another name.`,
  ],
  [
    /invalid arg '(.+?)' for (queue|exchange) '(.+?)' in vhost '.+?'(?: |: )?(.*?)"?$/s,
    ([, argument, kind, name, why]) =>
      `${named(kind, name)} cannot have ${argument} (${why.replaceAll('"', '')}): take it out of the topology, or choose another type.`,
  ],
  [
    /(queue|exchange) '(.+?)' in vhost '(.+?)' refused for user '(.+?)'/,
    ([, kind, name, vhost, user]) =>
      `User "${user}" has no permission for this with ${kind} "${name}" in virtual host "${vhost}": allow it (rabbitmqctl ` +
      `set_permissions -p ${vhost} ${user} ".*" ".*" ".*").`,
  ],
  [
    /queue '(.+?)' in vhost '.+?' in exclusive use/,
    ([, name]) =>
      `Queue "${name}" has a consumer that wants it alone (exclusive): end that one, or consume another queue.`,
  ],
  [
    /exclusive access to locked queue '(.+?)'/,
    ([, name]) => `Queue "${name}" belongs to another connection alone (exclusive): end that one, or use another name.`,
  ],
  [
    /no (queue|exchange) '(.*?)' in vhost '(.+?)'/,
    ([, kind, name, vhost]) => `There is no ${kind} "${name}" in virtual host "${vhost}".`,
  ],
  [
    /delivery acknowledgement on channel \d+ timed out. Timeout value used: (\d+) ms/,
    ([, timeoutMs]) =>
      `RabbitMQ waited ${timeoutMs} ms for an acknowledgement, its consumer_timeout, and takes back what it delivered: raise ` +
      'that in rabbitmq.conf (30 minutes are enough).',
  ],
  [/"(.*)"/s, ([, text]) => `RabbitMQ refuses: ${text}.`],
  [/.*/s, ([text]) => `A channel failed: ${text}.`],
];

/** @returns why RabbitMQ closed a channel, and what to do */
export function describeChannelError(error: unknown): string {
  return meaningOf(CHANNEL, error);
}

/** `'20'`, `the value '20' of type 'byte'`, `none` */
function valueOf(text: string): string {
  return /'(.*?)'/s.exec(text)?.[1] ?? text;
}

function named(kind: string, name: string): string {
  return `${kind === 'queue' ? 'Queue' : 'Exchange'} "${name}"`;
}

function removal(kind: string, name: string, vhost: string): string {
  if (kind === 'exchange') return 'delete it on the management pages';
  return `delete it when it is empty (rabbitmqctl delete_queue -p ${vhost} ${name})`;
}
