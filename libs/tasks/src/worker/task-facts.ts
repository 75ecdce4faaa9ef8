/** How a message came to the worker. */
export interface DeliveryInfo {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  /** AMQP priority; null when the message has none. */
  readonly priority: number | null;
  /** The broker has delivered the message before. */
  readonly redelivered: boolean;
}

/** Facts about one run of a task: Celery's `task.request`. Plain data. */
export class TaskFacts {
  readonly id!: string;
  readonly name!: string;
  /** The message's positional arguments; ours have none. */
  readonly args!: readonly unknown[];
  /** The message's keyword arguments, before the contract's schema has seen them. */
  readonly kwargs!: Readonly<Record<string, unknown>>;
  /** Retries used up so far; 0 in the first run. */
  readonly retries!: number;
  /** 1 in the first run; counts takeovers from dead workers as well. */
  readonly attempt!: number;
  /**
   * The run before this one passed its point of no return and died before it could say how it ended: its effect may
   * have happened.
   */
  readonly interruptedAfterPointOfNoReturn!: boolean;
  /** When it was to run at the earliest. */
  readonly eta!: Date | null;
  /** After this it would not have been started any more. */
  readonly expires!: Date | null;
  /** Id of the first task of the tree; the own id for one at the top. */
  readonly rootId!: string;
  /** Id of the task that sent this one; a retry has its own. */
  readonly parentId!: string | null;
  /** The headers that the caller gave. */
  readonly headers!: Readonly<Record<string, unknown>>;
  /** The worker's node name, `name@host`. */
  readonly hostname!: string;
  readonly deliveryInfo!: DeliveryInfo;

  constructor(facts: TaskFacts) {
    Object.assign(this, facts);
  }
}
