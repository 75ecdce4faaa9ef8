/** One way to run a RabbitMQ node of our own. */
export interface RabbitMqHost {
  readonly brokerUrl: string;
  /** Where its management API is. */
  readonly managementUrl: string;
  /** Resolves when the node takes connections. */
  boot(): Promise<void>;
  /** Runs `rabbitmqctl` on the node. @returns what it printed */
  ctl(...args: string[]): Promise<string>;
  /** Ends the node in the middle of whatever it does; what it had on disk stays. */
  kill(): Promise<void>;
  /** Ends the node and removes all of it. */
  remove(): Promise<void>;
}
