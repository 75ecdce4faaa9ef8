import { routeMessage } from '../broker/routing.js';
import { declaredQueue, type DeclaredQueue, type TaskQueue } from '../broker/task-queue.js';
import { taskTopology, type Topology } from '../broker/topology.js';
import type { CallOptions } from '../contract/call-options.js';
import { isBroadcast } from '../contract/define-broadcast.js';
import type { TaskContract } from '../contract/define-task.js';
import { RouteTable } from './route-table.js';
import type { TaskRoute, TaskRoutes } from './task-routes.js';

/** What decides where tasks go. */
export interface TaskRouterOptions {
  /** Our queues. @defaultValue every name is one of them */
  queues?: ReadonlyArray<string | TaskQueue>;
  taskRoutes?: TaskRoutes;
}

/** Where a message goes. */
export interface Destination {
  /** The queue that it will be in, as far as we know. */
  queue: string;
  exchange: string;
  routingKey: string;
  /** Whether that queue is one of our own. */
  isOurs: boolean;
}

/** Decides where tasks go: into which queue, and by which exchange and routing key that is reached. */
export class TaskRouter {
  /** Our queues by their names; null: every name is one of them. */
  private readonly declared: ReadonlyMap<string, DeclaredQueue> | null;
  private readonly topology: Topology;
  private readonly routes: RouteTable | undefined;

  /** @throws {@link InvalidTaskRouteError} */
  constructor({ queues, taskRoutes }: TaskRouterOptions = {}) {
    const declared = queues?.map(declaredQueue);
    this.declared = declared === undefined ? null : new Map(declared.map((queue) => [queue.name, queue]));
    this.topology = taskTopology(queues ?? []);
    if (taskRoutes !== undefined) this.routes = new RouteTable(taskRoutes, declared?.map(({ name }) => name) ?? null);
  }

  /** Our queues. */
  get queues(): DeclaredQueue[] {
    return [...(this.declared?.values() ?? [])];
  }

  /** Whether what is in the queue is delivered by its priority. */
  hasPriorities(queue: string): boolean {
    return (this.declared?.get(queue)?.maxPriority ?? null) !== null;
  }

  /** What a call says of where it goes, and for what it leaves open, what its route says. */
  route(name: string, input: Record<string, unknown>, options: CallOptions): TaskRoute {
    const route = this.routes?.find(name, input, options);
    if (route === undefined) return options;
    const way = options.queue === undefined ? route : {};
    const { queue = way.queue, exchange = way.exchange, routingKey = way.routingKey } = options;
    return { queue, exchange, routingKey, priority: options.priority ?? route.priority };
  }

  /**
   * @param ownQueue - where it goes when the route does not say
   * @param headers - by which a headers exchange decides
   */
  destination(route: TaskRoute, ownQueue: string, headers?: Record<string, unknown>): Destination {
    const named = this.wayTo(route.queue ?? ownQueue);
    if (route.exchange === undefined && route.routingKey === undefined) return named;
    const { exchange = named.exchange } = route;
    if (exchange === '') return this.byName(route.routingKey ?? named.queue);
    const { routingKey = named.routingKey } = route;
    const reached = this.reached(exchange, routingKey, headers);
    if (reached.length === 0 || reached.includes(named.queue)) return { ...named, exchange, routingKey };
    return { queue: reached[0] as string, exchange, routingKey, isOurs: true };
  }

  /** @returns those of our queues that a message comes into, as far as they are bound by their declarations */
  reached(exchange: string, routingKey: string, headers?: Record<string, unknown>): string[] {
    return routeMessage(this.topology, exchange, routingKey, headers).filter((queue) => this.declared?.has(queue));
  }

  /** @returns the queue that the calls of a task go to, or null when a function decides that for each of them */
  queueOf(contract: TaskContract): string | null {
    const { name, queue } = contract;
    const route = isBroadcast(contract) ? undefined : this.routes?.findByName(name);
    return route === null ? null : this.destination(route ?? {}, queue).queue;
  }

  /**
   * A queue of ours is reached as it is declared, but for one behind a headers exchange: a message that is sent to the
   * queue itself need not have its headers. That of others is reached through the default exchange, as in Celery, which
   * needs no exchange and no binding of theirs.
   */
  private wayTo(queue: string): Destination {
    if (this.declared === null) return { queue, exchange: queue, routingKey: queue, isOurs: true };
    const declared = this.declared.get(queue);
    if (declared === undefined || declared.exchange.type === 'headers') return this.byName(queue);
    return { queue, exchange: declared.exchange.name, routingKey: declared.routingKey, isOurs: true };
  }

  /** The default exchange leads to every queue by its name. */
  private byName(queue: string): Destination {
    return { queue, exchange: '', routingKey: queue, isOurs: this.declared?.has(queue) ?? true };
  }
}
