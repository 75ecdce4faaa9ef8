import type { Socket } from 'node:net';
import { treatmentOf } from './forms.js';
import type { HandOver, SmtpRecord } from './smtp-record.js';

/** The step of a mail's dialogue at which something goes wrong. */
export type Stage = 'MAIL' | 'RCPT' | 'DATA' | 'BODY';

/** What goes wrong with one mail. `cut-taken`, `cut-dropped`: the link ends after the final dot. */
export interface Mishap {
  kind: 'hang' | 'reset' | 'cut-taken' | 'cut-dropped';
  stage: Stage;
}

/** What a session needs of its server. */
export interface SmtpHouse {
  readonly seed: number;
  readonly record: SmtpRecord;
  /** What goes wrong with the next mail, if anything does. */
  drawMishap(): Mishap | null;
  /** How long the server thinks before a word. */
  drawDelayMs(): number;
  /** Resolves when the server has stopped hanging. */
  untilAwake(): Promise<void>;
}

interface Reply {
  text: string;
  /** Called when the reply has been said. */
  said?(): void;
}

const END_OF_DATA = '\r\n.\r\n';

/** Talks with one client. Clients do not pipeline: each waits for a reply before it goes on. */
export class SmtpSession {
  private buffered = '';
  private readingBody = false;
  private recipients: string[] = [];
  private handOver: HandOver | undefined;
  private mishap: Mishap | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly worker: number,
    private readonly house: SmtpHouse,
  ) {
    socket.setNoDelay(true).setEncoding('latin1');
  }

  /** Greets the client, and answers until the link ends. */
  begin(): void {
    this.socket.on('error', () => undefined).on('close', () => this.closed());
    this.socket.on('data', (chunk) => this.read(String(chunk)));
    this.reply(null, { text: '220 soak' });
  }

  private read(chunk: string): void {
    this.buffered += chunk;
    if (this.readingBody && this.isMishap('reset', 'BODY')) {
      this.socket.resetAndDestroy();
      return;
    }
    const mark = this.readingBody ? END_OF_DATA : '\r\n';
    const end = this.buffered.indexOf(mark);
    if (end === -1) return;
    const read = this.buffered.slice(0, end);
    this.buffered = this.buffered.slice(end + mark.length);
    if (this.readingBody) this.onBody(read);
    else this.onCommand(read);
  }

  private onCommand(line: string): void {
    switch (line.slice(0, 4).toUpperCase()) {
      case 'MAIL':
        this.recipients = [];
        this.mishap = this.house.drawMishap();
        return this.reply('MAIL', { text: '250 Go on' });
      case 'RCPT':
        return this.onRecipient(/<([^>]*)>/.exec(line)?.[1] ?? '');
      case 'DATA':
        return this.onData();
      case 'QUIT':
        return this.reply(null, { text: '221 Bye', said: () => this.socket.end() });
      // EHLO; RSET and NOOP may have the same.
      default:
        return this.reply(null, { text: '250-soak\r\n250 8BITMIME' });
    }
  }

  private onRecipient(address: string): void {
    const { seed, record } = this.house;
    const { treatment, tries } = treatmentOf(seed, address);
    if (treatment === 'refuse') {
      const said = (): void => record.refuse([address]);
      return this.reply('RCPT', { text: '550 5.1.1 No such user', said });
    }
    if (treatment === 'put-off' && record.of(address).putOff < tries) {
      const said = (): void => record.putOff([address]);
      return this.reply('RCPT', { text: '450 4.2.1 Mailbox in use, come again', said });
    }
    this.recipients.push(address);
    this.reply('RCPT', { text: '250 Go on' });
  }

  private onData(): void {
    if (this.recipients.length === 0) return this.reply('DATA', { text: '503 For whom?' });
    this.reply('DATA', {
      text: '354 Go on',
      said: () => {
        this.handOver = this.house.record.begin(this.worker, this.recipients);
        this.readingBody = true;
      },
    });
  }

  private onBody(body: string): void {
    this.readingBody = false;
    const { record } = this.house;
    const handOver = this.handOver as HandOver;
    handOver.messageId = /^Message-ID: *(\S+)/im.exec(body)?.[1] ?? '';
    if (this.isMishap('cut-dropped', 'BODY')) {
      this.socket.destroy();
      return;
    }
    const reply = this.judgeBody(handOver);
    if (reply.text.startsWith('250')) record.take(handOver);
    if (this.isMishap('cut-taken', 'BODY')) {
      this.socket.destroy();
      return;
    }
    this.reply('BODY', {
      ...reply,
      said: () => {
        reply.said?.();
        handOver.answer = this.mishap?.kind === 'hang' ? 'late' : 'given';
        handOver.endedAtMs = performance.now();
        this.handOver = undefined;
      },
    });
  }

  private judgeBody({ recipients }: HandOver): Reply {
    const { seed, record } = this.house;
    const treatments = recipients.map((address) => ({ address, ...treatmentOf(seed, address) }));
    if (treatments.some(({ treatment }) => treatment === 'refuse-mail')) {
      return { text: '554 5.7.1 Not this mail', said: () => record.refuse(recipients) };
    }
    const busy = treatments.some(
      ({ address, treatment, tries }) => treatment === 'busy' && record.of(address).putOff < tries,
    );
    if (busy) return { text: '451 4.3.2 Busy, come again', said: () => record.putOff(recipients) };
    return { text: '250 2.0.0 Taken' };
  }

  private isMishap(kind: Mishap['kind'], stage: Stage): boolean {
    return this.mishap?.kind === kind && this.mishap.stage === stage;
  }

  /** @param stage - of a mail's dialogue; null outside of it */
  private reply(stage: Stage | null, { text, said }: Reply): void {
    if (stage !== null && this.isMishap('reset', stage)) {
      this.socket.resetAndDestroy();
      return;
    }
    const say = (): void => {
      if (this.socket.destroyed) return;
      this.socket.write(`${text}\r\n`);
      said?.();
    };
    const delayMs = this.house.drawDelayMs();
    if (stage !== null && this.isMishap('hang', stage)) void this.house.untilAwake().then(say);
    else if (delayMs > 0) setTimeout(say, delayMs);
    else say();
  }

  private closed(): void {
    if (this.handOver !== undefined) this.handOver.endedAtMs ??= performance.now();
  }
}
