import { ConsoleTransport } from './console.transport.js';
import { FileTransport } from './file.transport.js';
import type { MailTransport } from './mail-transport.js';
import { MemoryTransport } from './memory.transport.js';
import { SmtpTransport, type SmtpOptions } from './smtp.transport.js';

/** Which transport, with what it needs. */
export type TransportOptions =
  | { backend: 'console' }
  | { backend: 'memory' }
  | { backend: 'file'; folder: string }
  | ({ backend: 'smtp' } & SmtpOptions);

export function createMailTransport(options: TransportOptions): MailTransport {
  switch (options.backend) {
    case 'console':
      return new ConsoleTransport();
    case 'memory':
      return new MemoryTransport();
    case 'file':
      return new FileTransport(options.folder);
    case 'smtp':
      return new SmtpTransport(options);
  }
}
