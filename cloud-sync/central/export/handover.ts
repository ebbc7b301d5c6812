import type { Clock } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";

/** A reader that takes nothing for so long is gone: whoever gives holds a connection to the database. */
const stallMsMax = 30_000;

/** Hands things over one by one: the giver waits until each was taken. */
export class Handover<T> {
  readonly #clock: Pick<Clock, "sleep">;
  readonly #ended = new AbortController();
  #given = Promise.withResolvers<T | undefined>();
  #wanted = Promise.withResolvers<void>();

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** Resolves when the next one is wanted. @throws RackwatchError `central/busy` when nobody wants it for too long. */
  async give(thing: T): Promise<void> {
    this.#given.resolve(thing);
    const patience = new AbortController();
    const signal = AbortSignal.any([patience.signal, this.#ended.signal]);
    const stalled = this.#clock.sleep(stallMsMax, signal).then(
      () => true,
      () => false,
    );
    const isLate = await Promise.race([this.#wanted.promise.then(() => false), stalled]);
    patience.abort();
    if (isLate || this.#ended.signal.aborted) {
      throw new RackwatchError("central/busy", "the reader of an export went away");
    }
    this.#wanted = Promise.withResolvers<void>();
  }

  /** Nothing more is given, or nothing more is wanted. */
  end(): void {
    this.#ended.abort();
    this.#given.resolve(undefined);
  }

  async *taken(): AsyncGenerator<T> {
    while (true) {
      const thing = await this.#given.promise;
      if (thing === undefined) return;
      this.#given = Promise.withResolvers<T | undefined>();
      yield thing;
      this.#wanted.resolve();
    }
  }
}
