import { type Follow, nothingFollows } from "../follow.ts";

/** Gathers what follows from a step. A later value of a key replaces an earlier one. */
export class Draft {
  readonly #events: Follow["events"][number][] = [];
  readonly #state = new Map<string, unknown>();

  /** One line of the log about who was told, or was not. */
  event(body: Readonly<Record<string, unknown>>): void {
    this.#events.push({ kind: "push", body });
  }

  /** Undefined deletes. */
  set(key: string, value: unknown): void {
    this.#state.set(key, value);
  }

  follow(): Follow {
    if (this.#events.length === 0 && this.#state.size === 0) return nothingFollows;
    return { events: this.#events, state: this.#state };
  }
}
