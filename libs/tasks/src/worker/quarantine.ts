/** A task whose worker died while running it. */
export interface Suspect {
  run(): void;
  giveBack(): void;
}

export interface QuarantineOptions {
  /** How long suspects wait for the other runs to end. @defaultValue 10000 */
  patienceMs?: number;
  /** How long a suspect runs alone: what has not brought its worker down by then may take its time. @defaultValue 5000 */
  probationMs?: number;
  /** Called when the worker may claim again. */
  onOpen(): void;
}

/**
 * Has suspects run alone: one that brings down its worker again takes no other task with it. While one waits, or is on
 * probation, the worker claims nothing; that has an end, since a suspect may as well be one that only takes long.
 */
export class Quarantine {
  private readonly held: Suspect[] = [];
  private readonly patienceMs: number;
  private readonly probationMs: number;
  private patience: NodeJS.Timeout | undefined;
  private probation: NodeJS.Timeout | undefined;

  constructor(private readonly options: QuarantineOptions) {
    this.patienceMs = options.patienceMs ?? 10_000;
    this.probationMs = options.probationMs ?? 5000;
  }

  /** True while a suspect waits, or runs on probation. */
  get closed(): boolean {
    return this.probation !== undefined || this.held.length > 0;
  }

  hold(suspect: Suspect): void {
    this.held.push(suspect);
    this.patience ??= setTimeout(() => {
      this.giveBackAll();
      this.options.onOpen();
    }, this.patienceMs);
  }

  /** To be called whenever the number of runs may have changed: has the next suspect run once nothing else does. */
  advance(runCount: number): void {
    if (runCount > 0) return;
    this.endProbation();
    const next = this.held.shift();
    if (this.held.length === 0) this.endPatience();
    if (next === undefined) return;
    this.probation = setTimeout(() => {
      this.endProbation();
      if (!this.closed) this.options.onOpen();
    }, this.probationMs);
    next.run();
  }

  giveBackAll(): void {
    this.endPatience();
    for (const suspect of this.held.splice(0)) suspect.giveBack();
  }

  /** When the worker stops. */
  end(): void {
    this.giveBackAll();
    this.endProbation();
  }

  private endPatience(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
  }

  private endProbation(): void {
    clearTimeout(this.probation);
    this.probation = undefined;
  }
}
