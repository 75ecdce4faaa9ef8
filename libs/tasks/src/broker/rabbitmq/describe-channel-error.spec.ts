import { describe, expect, it } from '@jest/globals';
import { describeChannelError } from './describe-channel-error.js';

describe('describeChannelError', () => {
  it.each<[words: string, line: string]>([
    [
      "PRECONDITION_FAILED - inequivalent arg 'x-delivery-limit' for queue 'mail' in vhost 'shop': received '1000000' but " +
        "current is '20'",
      'Queue "mail" is there with x-delivery-limit 20 instead of 1000000, and is used as it is. To have it as declared, ' +
        'delete it when it is empty (rabbitmqctl delete_queue -p shop mail): it is made anew. Or give it ' +
        'another name.',
    ],
    [
      "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'mail' in vhost '/': received the value 'quorum' of " +
        "type 'longstr' but current is none",
      'Queue "mail" is there with x-queue-type none instead of quorum, and is used as it is. To have it as declared, ' +
        'delete it when it is empty (rabbitmqctl delete_queue -p / mail): it is made anew. Or give it another ' +
        'name.',
    ],
    [
      "PRECONDITION_FAILED - inequivalent arg 'x-overflow' for queue 'mail' in vhost '/': received none but current is the " +
        "value 'drop-head' of type 'longstr'",
      'Queue "mail" is there with x-overflow drop-head instead of none, and is used as it is. To have it as declared, ' +
        'delete it when it is empty (rabbitmqctl delete_queue -p / mail): it is made anew. Or give it another ' +
        'name.',
    ],
    [
      "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'mail' in vhost '/': received 'direct' but current is " +
        "'topic'",
      'Exchange "mail" is there with type topic instead of direct, and is used as it is. To have it as declared, delete it ' +
        'on the management pages: it is made anew. Or give it another name.',
    ],
    [
      "PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'mail' in vhost '/' of queue type rabbit_quorum_queue",
      'Queue "mail" cannot have x-max-priority (of queue type rabbit_quorum_queue): take it out of the topology, or choose ' +
        'another type.',
    ],
    [
      "PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'mail' in vhost '/': \"unsupported queue type 'foo'\"",
      'Queue "mail" cannot have x-queue-type (unsupported queue type \'foo\'): take it out of the topology, or choose ' +
        'another type.',
    ],
    // 3.10, and 4.x.
    ...['access to queue', 'configure access to queue'].map((access): [string, string] => [
      `ACCESS_REFUSED - ${access} 'mail' in vhost 'shop' refused for user 'ann'`,
      'User "ann" has no permission for this with queue "mail" in virtual host "shop": allow it (rabbitmqctl ' +
        'set_permissions -p shop ann ".*" ".*" ".*").',
    ]),
    [
      "ACCESS_REFUSED - queue 'mail' in vhost '/' in exclusive use",
      'Queue "mail" has a consumer that wants it alone (exclusive): end that one, or consume another queue.',
    ],
    [
      "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mail' in vhost '/'. It could be originally ...",
      'Queue "mail" belongs to another connection alone (exclusive): end that one, or use another name.',
    ],
    ["NOT_FOUND - no queue 'mail' in vhost 'shop'", 'There is no queue "mail" in virtual host "shop".'],
    ["NOT_FOUND - no exchange 'mail' in vhost '/'", 'There is no exchange "mail" in virtual host "/".'],
    [
      'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 60000 ms. This timeout ' +
        'value can be configured, see consumers doc guide to learn more',
      'RabbitMQ waited 60000 ms for an acknowledgement, its consumer_timeout, and takes back what it delivered: raise that ' +
        'in rabbitmq.conf (30 minutes are enough).',
    ],
    ['NOT_IMPLEMENTED - no such thing', 'RabbitMQ refuses: NOT_IMPLEMENTED - no such thing.'],
  ])('%s', (words, line) => {
    const told = (frame: string): Error => new Error(`${frame} 406 (SOME-CODE) with message "${words}"`);
    expect(describeChannelError(told('Channel closed by server:'))).toBe(line);
    expect(describeChannelError(told('Operation failed: QueueDeclare;'))).toBe(line);
  });

  it('has the words of amqplib where RabbitMQ has said nothing', () => {
    expect(describeChannelError(new Error('it was closed at once'))).toBe('A channel failed: it was closed at once.');
  });
});
