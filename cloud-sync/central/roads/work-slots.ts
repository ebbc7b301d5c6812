/** Requests of brokers in work at once: each holds a message and its rows, 2 MB at most. The broker keeps the others. */
export const lettersInWorkMax = 16;

/** Of them of one gateway: an agent asks one thing at a time, and what it gave up on may still be in work. */
export const lettersOfGatewayMax = 4;

/** Places for work; whoever finds none waits until one is free. */
export class WorkSlots {
  readonly #placesMax: number;
  readonly #ofGatewayMax: number;
  readonly #taken = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #count = 0;

  constructor(placesMax = lettersInWorkMax, ofGatewayMax = lettersOfGatewayMax) {
    this.#placesMax = placesMax;
    this.#ofGatewayMax = ofGatewayMax;
  }

  /** Resolves when a place is free; the work is begun then and not waited for. */
  async start(work: () => Promise<void>): Promise<void> {
    while (this.#count >= this.#placesMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#count += 1;
    void work().finally(() => {
      this.#count -= 1;
      this.#waiting.shift()?.();
    });
  }

  /** Undefined: that gateway has all the places that it may have. */
  claim(gateway: string): Disposable | undefined {
    const taken = this.#taken.get(gateway) ?? 0;
    if (taken >= this.#ofGatewayMax) return undefined;
    this.#taken.set(gateway, taken + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#taken.get(gateway) ?? 1) - 1;
        if (left === 0) this.#taken.delete(gateway);
        else this.#taken.set(gateway, left);
      },
    };
  }
}
