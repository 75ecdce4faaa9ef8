interface Entry<Item> {
  item: Item;
  priority: number;
  sequence: number;
}

/** A binary heap: higher priorities first, equal ones in the order they came. */
export class PriorityQueue<Item> {
  private readonly heap: Entry<Item>[] = [];
  private first = 0;
  private last = 0;

  get size(): number {
    return this.heap.length;
  }

  push(item: Item, priority: number): void {
    this.insert({ item, priority, sequence: ++this.last });
  }

  /** Puts an item before all others of its priority. */
  unshift(item: Item, priority: number): void {
    this.insert({ item, priority, sequence: --this.first });
  }

  /** Takes the first item out; undefined when there is none. */
  pop(): Item | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined || first === last) return first?.item;
    this.heap[0] = last;
    this.sink(0);
    return first.item;
  }

  private insert(entry: Entry<Item>): void {
    let index = this.heap.length;
    this.heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(index, parent)) break;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(start: number): void {
    let index = start;
    for (;;) {
      let smallest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.heap.length && this.isBefore(child, smallest)) smallest = child;
      }
      if (smallest === index) return;
      this.swap(index, smallest);
      index = smallest;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const left = this.heap[a] as Entry<Item>;
    const right = this.heap[b] as Entry<Item>;
    return left.priority === right.priority ? left.sequence < right.sequence : left.priority > right.priority;
  }

  private swap(a: number, b: number): void {
    const entry = this.heap[a] as Entry<Item>;
    this.heap[a] = this.heap[b] as Entry<Item>;
    this.heap[b] = entry;
  }
}
