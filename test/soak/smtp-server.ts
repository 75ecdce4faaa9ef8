import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random.js';
import type { SmtpRecord } from './smtp-record.js';
import { SmtpSession, type Mishap, type SmtpHouse } from './smtp-session.js';

/** How the server as a whole behaves. */
export type SmtpPhase = 'up' | 'down' | 'hang' | 'slow' | 'reset' | 'cut-taken' | 'cut-dropped';

/** How many of the mails that come in a bad phase have a mishap, but for `hang`, which stops them all. */
const MISHAP_SHARE = 1 / 6;
const LISTEN_PAUSE_MS = 50;

/** An SMTP server that behaves well to most, by a script to some addresses, and as badly as it is told to all. */
export class SoakSmtpServer implements SmtpHouse {
  private readonly random: Random;
  private readonly listeners: Server[];
  private readonly sockets = new Set<Socket>();
  private phase: SmtpPhase = 'up';
  private wake: () => void = () => undefined;
  private awake: Promise<void> = Promise.resolve();
  private ports: number[] = [];

  private constructor(
    readonly seed: number,
    readonly record: SmtpRecord,
    workers: number,
  ) {
    this.random = new Random('smtp', seed);
    this.listeners = Array.from({ length: workers }, (_, worker) =>
      createServer((socket) => this.welcome(socket, worker)),
    );
  }

  /** Listens on one port for each worker, so that it can be told which of them a mail came from. */
  static async start(seed: number, record: SmtpRecord, workers: number): Promise<SoakSmtpServer> {
    const server = new SoakSmtpServer(seed, record, workers);
    await server.listen();
    return server;
  }

  /** The port for this worker; the same for all of the server's life. */
  port(worker: number): number {
    return this.ports[worker] as number;
  }

  /** Changes the behaviour: `down` ends all links and refuses new ones. */
  async enter(phase: SmtpPhase): Promise<void> {
    const before = this.phase;
    this.phase = phase;
    this.wake();
    if (phase === 'hang') this.awake = new Promise((resolve) => (this.wake = resolve));
    if (phase === 'down') await this.shut();
    else if (before === 'down') await this.listen();
  }

  async stop(): Promise<void> {
    this.wake();
    if (this.phase !== 'down') await this.shut();
  }

  drawMishap(): Mishap | null {
    switch (this.phase) {
      case 'hang':
        return { kind: 'hang', stage: this.random.pick(['MAIL', 'RCPT', 'DATA', 'BODY']) };
      case 'reset':
        if (!this.random.chance(MISHAP_SHARE)) return null;
        return { kind: 'reset', stage: this.random.pick(['RCPT', 'DATA', 'BODY']) };
      case 'cut-taken':
      case 'cut-dropped':
        return this.random.chance(MISHAP_SHARE) ? { kind: this.phase, stage: 'BODY' } : null;
      case 'up':
      case 'down':
      case 'slow':
        return null;
    }
  }

  drawDelayMs(): number {
    return this.phase === 'slow' ? this.random.between(20, 400) : 0;
  }

  untilAwake(): Promise<void> {
    return this.awake;
  }

  private welcome(socket: Socket, worker: number): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    new SmtpSession(socket, worker, this).begin();
  }

  private async listen(): Promise<void> {
    for (const [worker, listener] of this.listeners.entries()) {
      await listen(listener, this.ports[worker] ?? 0);
    }
    this.ports = this.listeners.map((listener) => (listener.address() as AddressInfo).port);
  }

  private async shut(): Promise<void> {
    const closed = this.listeners.map((listener) => new Promise((resolve) => listener.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }
}

/** While nobody listened on the port, another program's outgoing link may have borrowed it: it is waited for. */
async function listen(listener: Server, port: number): Promise<void> {
  for (;;) {
    try {
      listener.listen(port, '127.0.0.1');
      await once(listener, 'listening');
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await sleep(LISTEN_PAUSE_MS);
    }
  }
}
