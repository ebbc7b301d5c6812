import { createHash } from "node:crypto";
import type {
  LogMessage,
  PartitionLog,
  PartitionReader,
} from "../../cloud-sync/central/log/partition-log.ts";
import { RackwatchError } from "../../drivers/errors.ts";

/**
 * A log of partitions with what a cluster does to its readers: a group loses its place back to the last commit whenever it
 * is shaken, and for a while two readers have the same partition.
 */
export class MemoryLog implements PartitionLog {
  readonly partitions: Buffer[][];
  readonly #committed: number[];
  #shakes = 0;
  /** How often an entry was handed to some reader. */
  handed = 0;
  /** The next append arrives, and its sender hears that it did not. */
  losesAnswer = false;

  constructor(partitions = 3) {
    this.partitions = Array.from({ length: partitions }, () => []);
    this.#committed = Array.from({ length: partitions }, () => 0);
  }

  async append(key: string, value: Buffer): Promise<void> {
    const hash = createHash("sha256").update(key).digest().readUInt32BE();
    this.partitions[hash % this.partitions.length]?.push(value);
    if (!this.losesAnswer) return;
    this.losesAnswer = false;
    throw new RackwatchError("central/log", "no answer");
  }

  /** Every reader is thrown out and begins again behind the last commit. */
  shake(): void {
    this.#shakes += 1;
  }

  /** As if the group had never read. */
  forget(): void {
    this.#committed.fill(0);
    this.shake();
  }

  get drained(): boolean {
    return this.partitions.every((it, index) => this.#committed[index] === it.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** A reader of all partitions: two of them read everything twice, as zombies do. */
  reader(): PartitionReader {
    return {
      messages: (signal) => this.#read(signal),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async *#read(signal: AbortSignal): AsyncGenerator<LogMessage> {
    const shakes = this.#shakes;
    const places = [...this.#committed];
    while (!signal.aborted) {
      if (shakes !== this.#shakes) throw new RackwatchError("central/log", "rebalanced");
      let found = false;
      for (const [partition, entries] of this.partitions.entries()) {
        const offset = places[partition] ?? 0;
        const value = entries[offset];
        if (value === undefined) continue;
        found = true;
        places[partition] = offset + 1;
        this.handed += 1;
        yield {
          partition,
          value,
          done: async () => {
            // A zombie's commit is refused, as a coordinator does.
            if (shakes !== this.#shakes) return;
            this.#committed[partition] = Math.max(this.#committed[partition] ?? 0, offset + 1);
          },
        };
      }
      if (!found) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
