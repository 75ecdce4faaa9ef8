import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { ChannelModel } from 'amqplib';
import { BrokerAwayError } from '../broker-away.error.js';
import type { Topology } from '../topology.js';

/**
 * Knows which exchanges there are. To publish to one that is not there closes the channel, and takes along all that is
 * in flight on it; so one that is not of our topology is asked for before its first message, on a channel of its own.
 */
export class ExchangeGuard {
  private readonly ours: ReadonlySet<string>;
  /** Others that are there, or are being asked for. */
  private readonly answers = new Map<string, Promise<boolean>>();

  constructor(
    private readonly connection: AmqpConnectionManager,
    topology: Topology,
  ) {
    // AMQP's default exchange is always there.
    this.ours = new Set(['', ...topology.exchanges.map(({ name }) => name)]);
  }

  /** True for what is of our topology, which need not be asked for. */
  isOurs(exchange: string): boolean {
    return this.ours.has(exchange);
  }

  /** @throws {@link BrokerAwayError} when nobody can be asked */
  async find(exchange: string): Promise<boolean> {
    const answer = this.answers.get(exchange) ?? isExchange(this.connection.connection, exchange);
    this.answers.set(exchange, answer);
    const isThere = await answer.catch(() => null);
    if (isThere !== true) this.answers.delete(exchange);
    return answer;
  }

  /** What was found may be gone. */
  forget(): void {
    this.answers.clear();
  }
}

async function isExchange(connection: ChannelModel | undefined, exchange: string): Promise<boolean> {
  if (connection === undefined) throw new BrokerAwayError('there is no connection');
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.checkExchange(exchange);
    await channel.close();
    return true;
  } catch (error) {
    // AMQP's 404; anything else is the connection's end.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 404) return false;
    throw new BrokerAwayError('it did not say whether there is an exchange', { cause: error });
  }
}
