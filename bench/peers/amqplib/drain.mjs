/** The ceiling: takes messages from a quorum queue and acknowledges them, and does nothing else. */
import { connect } from 'amqplib';
import { brokerUrl, input, report, tasks } from '../program.mjs';

const QUEUE = 'bench';
const PREFETCH = 1000;
/** Acknowledged with `multiple`: one by one costs a third. */
const ACK_EVERY = 100;

const connection = await connect(brokerUrl);
const channel = await connection.createConfirmChannel();
await channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
const body = Buffer.from(JSON.stringify(input));
for (let index = 0; index < tasks; index += 1) {
  channel.sendToQueue(QUEUE, body, { persistent: true });
  if (index % 1000 === 999) await channel.waitForConfirms();
}
await channel.waitForConfirms();

await channel.prefetch(PREFETCH);
let count = 0;
const startedAtMs = performance.now();
await channel.consume(QUEUE, (message) => {
  JSON.parse(message.content.toString());
  count += 1;
  if (count % ACK_EVERY === 0 || count === tasks) channel.ack(message, true);
  if (count < tasks) return;
  const seconds = (performance.now() - startedAtMs) / 1000;
  report({ tasksPerSecond: tasks / seconds }, `prefetch ${PREFETCH}, acknowledged by ${ACK_EVERY}, quorum queue`);
});
