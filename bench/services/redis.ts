import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptInstall, freePorts, MissingServiceError } from '#test/services/index';

const SERVER = '/usr/bin/redis-server';

/** A Redis of our own, as BullMQ's documentation wants it in production: with an append-only file, and no eviction. */
export interface RedisServer {
  url: string;
  stop(): Promise<void>;
}

/** @throws {@link MissingServiceError} where there is none and none can be installed */
export async function startRedis(): Promise<RedisServer> {
  if (!existsSync(SERVER) && !(await aptInstall('redis-server'))) {
    throw new MissingServiceError('Redis (for the peers)', ['Debian, Ubuntu: apt install redis-server']);
  }
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-redis-'));
  const [port = 0] = await freePorts(1);
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const child = spawn(SERVER, ['--port', String(port), '--dir', folder, ...settings], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await answers(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Empties it. */
export async function flush(url: string): Promise<void> {
  await command(Number(new URL(url).port), 'FLUSHALL');
}

async function answers(port: number): Promise<void> {
  for (;;) {
    try {
      return await command(port, 'PING');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function command(port: number, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${words}\r\n`));
    socket.once('error', reject).once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}
