/** One time that a mail's body was asked for: from the server's 354 to its last word, or to the end of the link. */
export interface HandOver {
  recipients: string[];
  /** Which worker's link it was. */
  worker: number;
  /** When 354 was said; all times are of the monotonic clock. */
  dataAtMs: number;
  /** When the last word was said, or the link ended. */
  endedAtMs: number | undefined;
  /** `late`: said after a long silence, when the other side may just have hung up. */
  answer: 'none' | 'late' | 'given';
  /** The server has the mail, whether it said so or not. */
  taken: boolean;
  messageId: string;
}

/** What became of one address. */
export interface AddressRecord {
  /** How often a mail to it was taken. */
  accepted: number;
  /** How often it was told 5xx, at RCPT or for the whole mail. */
  refused: number;
  /** How often it was told 4xx. */
  putOff: number;
  handOvers: HandOver[];
}

/** What the SMTP server has seen, address by address. */
export class SmtpRecord {
  private readonly addresses = new Map<string, AddressRecord>();

  /** @param onDecided - told of each address that was taken or refused */
  constructor(private readonly onDecided: (address: string) => void) {}

  of(address: string): AddressRecord {
    let record = this.addresses.get(address);
    if (record === undefined) {
      record = { accepted: 0, refused: 0, putOff: 0, handOvers: [] };
      this.addresses.set(address, record);
    }
    return record;
  }

  begin(worker: number, recipients: string[]): HandOver {
    const handOver: HandOver = {
      recipients,
      worker,
      dataAtMs: performance.now(),
      endedAtMs: undefined,
      answer: 'none',
      taken: false,
      messageId: '',
    };
    for (const address of recipients) this.of(address).handOvers.push(handOver);
    return handOver;
  }

  take(handOver: HandOver): void {
    handOver.taken = true;
    for (const address of handOver.recipients) {
      this.of(address).accepted += 1;
      this.onDecided(address);
    }
  }

  refuse(addresses: readonly string[]): void {
    for (const address of addresses) {
      this.of(address).refused += 1;
      this.onDecided(address);
    }
  }

  putOff(addresses: readonly string[]): void {
    for (const address of addresses) this.of(address).putOff += 1;
  }
}
