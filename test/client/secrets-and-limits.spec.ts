import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deadLetterQueue, defineTask, InvalidTaskInputError, TaskHandler, TaskServer } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const input = z.object({
  user: z.string(),
  password: z
    .string()
    .refine((password) => password.length > 3, { error: ({ input: given }) => `too short: ${String(given)}` }),
  card: z.object({ number: z.string() }).optional(),
});
const signUp = defineTask({
  name: 'test.sign_up',
  queue: 'work',
  input,
  secret: ['password', 'card.number'],
  maxRetries: 0,
});
const away = { ...signUp, name: 'test.away', queue: 'looked_at' };

@Injectable()
class Handlers {
  readonly passwords: string[] = [];

  @TaskHandler(signUp)
  async signUp({ user, password }: z.output<typeof input>): Promise<void> {
    this.passwords.push(password);
    if (user === 'nobody') throw new Error('There is no such user.');
  }
}

describe('a call', () => {
  let app: TaskApp;
  let connection: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [Handlers], queues: ['work', 'looked_at'], worker: { queues: ['work'] } });
    // By then the queues are declared.
    while (!app.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
    connection = await connect(app.vhost.brokerUrl);
    channel = await connection.createChannel();
  });

  afterAll(async () => {
    await connection.close();
    await app.drop();
  });

  async function nextMessage(queue: string): Promise<GetMessage> {
    for (;;) {
      const message = await channel.get(queue, { noAck: true });
      if (message !== false) return message;
    }
  }

  it('hides what is secret wherever its arguments are shown, and nowhere else', async () => {
    await app.tasks.delay(away, { user: 'ann', password: 'open sesame', card: { number: '4711' } });
    const { content, properties } = await nextMessage('looked_at');
    expect(properties.headers?.['kwargsrepr']).toBe("{'user': 'ann', 'password': '***', 'card': {'number': '***'}}");
    expect(JSON.stringify(properties)).not.toMatch(/sesame|4711/);
    expect(content.toString()).toContain('open sesame');
  });

  it('runs with what is secret, and no log line has it', async () => {
    const { id } = await app.tasks.delay(signUp, { user: 'nobody', password: 'open sesame' });
    await app.untilState(id, 'FAILURE');
    expect(app.get(Handlers).passwords).toEqual(['open sesame']);
    await app.untilLogged(/no such user/);
    expect(app.log.join('\n')).not.toMatch(/sesame/);
  });

  it('says where a secret is wrong, and not what it is', async () => {
    const error = await app.tasks.delay(signUp, { user: 'ann', password: 'abc' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidTaskInputError);
    expect(error).toMatchObject({ issues: [{ path: 'password' }] });
    expect(String(error) + JSON.stringify(error)).not.toMatch(/abc/);
  });

  it('says so of a message too that it buries for it', async () => {
    const headers = { lang: 'py', task: signUp.name, id: 'foreign', retries: { '!': 'int32', value: 0 } };
    const body = Buffer.from('[[], {"user": "ann", "password": "xyz"}, {}]');
    channel.publish('work', 'work', body, { contentType: 'application/json', contentEncoding: 'utf-8', headers });
    const row = await app.untilState('foreign', 'FAILURE');
    expect(row.error?.message).toContain('password');
    const letter = await nextMessage(deadLetterQueue('work'));
    expect(letter.properties.headers?.['celeriac-dead-letter-reason']).toContain('password');
    const shown = [JSON.stringify(letter.properties), JSON.stringify(row.error), ...app.log].join('\n');
    expect(shown).not.toMatch(/xyz/);
  });

  it('has time limits of its own, hard before soft as in Celery', async () => {
    await app.tasks.applyAsync(away, { user: 'ann', password: 'open sesame' }, { timeLimit: 60, softTimeLimit: 50 });
    expect((await nextMessage('looked_at')).properties.headers?.['timelimit']).toEqual([60, 50]);
  });
});
