import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** npm runs the soak there. */
const ROOT = process.cwd();
/** What a process says when it works. */
const READY = { web: /Listening on/, worker: /Consuming queue/ };
const RESTART_PAUSE_MS = 1000;

/** What a {@link SupervisedProcess} is to run. */
export interface ProcessOptions {
  app: 'web' | 'worker';
  /** Settings; nothing else is inherited but what Node needs. */
  environment: Record<string, string>;
  /** What it prints is added to this file. */
  logFile: string;
  /** Told when it ends though nobody told it to, after it had been ready. */
  onDeath(exit: string): void;
}

/**
 * One of our processes, built, under a supervisor as users have one: it is started again when it ends by itself, as it
 * does when it is started while Postgres is away.
 */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private readonly log: WriteStream;
  private wanted = false;
  private restart: NodeJS.Timeout | undefined;
  private whenReady: Array<() => void> = [];
  private isReady = false;

  constructor(private readonly options: ProcessOptions) {
    this.log = createWriteStream(options.logFile, { flags: 'a' });
    process.once('exit', this.killNow);
  }

  /** Starts it, and keeps it running. */
  start(): void {
    this.wanted = true;
    clearTimeout(this.restart);
    if (this.child === undefined) this.launch();
  }

  /** Resolves when it has said that it works. */
  async ready(): Promise<void> {
    if (!this.isReady) await new Promise<void>((resolve) => this.whenReady.push(resolve));
  }

  /** Ends it, and leaves it so. Resolves when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.wanted = false;
    clearTimeout(this.restart);
    const { child } = this;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Stops it in the middle of what it does, until {@link thaw}. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Ends it for good. */
  async destroy(): Promise<void> {
    await this.end('SIGKILL');
    process.off('exit', this.killNow);
    await new Promise<void>((resolve) => {
      this.log.end(resolve);
    });
  }

  private launch(): void {
    const { app, environment } = this.options;
    const child = spawn(process.execPath, [join(ROOT, `apps/${app}/dist/main.js`)], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'] ?? '',
        NO_COLOR: '1',
        NODE_ENV: 'production',
        // Makes it stop by itself when this process is killed.
        npm_lifecycle_event: 'faults',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in the terminal is for this process alone, which then ends all others.
      detached: true,
    });
    this.child = child;
    this.isReady = false;
    this.write(`--- process ${child.pid} started`);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => this.read(String(chunk)));
    child.once('exit', (code, signal) => this.exited(signal ?? `exit code ${code}`));
  }

  private read(text: string): void {
    this.log.write(stripVTControlCharacters(text));
    if (this.isReady || !READY[this.options.app].test(text)) return;
    this.isReady = true;
    for (const resolve of this.whenReady.splice(0)) resolve();
  }

  private exited(exit: string): void {
    this.child = undefined;
    this.write(`--- process ended: ${exit}`);
    if (!this.wanted) return;
    if (this.isReady) this.options.onDeath(exit);
    this.isReady = false;
    this.restart = setTimeout(() => this.launch(), RESTART_PAUSE_MS);
  }

  private write(line: string): void {
    this.log.write(`${new Date().toISOString()} ${line}\n`);
  }

  private readonly killNow = (): void => {
    this.child?.kill('SIGKILL');
  };
}
