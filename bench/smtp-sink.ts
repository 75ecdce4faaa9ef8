import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const END_OF_DATA = '\r\n.\r\n';

/** An SMTP server that takes everything, keeps nothing and counts: fast, so that it is not what is measured. */
export class SmtpSink {
  count = 0;
  private readonly server: Server;
  private readonly waiting: Array<{ count: number; resolve(): void }> = [];

  private constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  static async start(): Promise<SmtpSink> {
    const sink = new SmtpSink();
    await new Promise<void>((resolve) => {
      sink.server.listen(0, '127.0.0.1', resolve);
    });
    return sink;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resolves when so many mails have come. */
  counted(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  stop(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    let buffered = '';
    let inData = false;
    socket.setNoDelay(true).on('error', () => undefined);
    socket.write('220 sink\r\n');
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const end = buffered.indexOf(inData ? END_OF_DATA : '\r\n');
        if (end === -1) return;
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? END_OF_DATA.length : 2));
        if (inData) {
          inData = false;
          this.mailCame();
          socket.write('250 taken\r\n');
        } else {
          inData = /^DATA/i.test(line);
          socket.write(
            inData ? '354 go on\r\n' : /^EHLO/i.test(line) ? '250-sink\r\n250 8BITMIME\r\n' : '250 fine\r\n',
          );
        }
      }
    });
  }

  private mailCame(): void {
    this.count += 1;
    for (const { count, resolve } of this.waiting) if (this.count >= count) resolve();
  }
}
