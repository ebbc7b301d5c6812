/** What a booking changes: what is to be written, and how to take it back when it is refused half way. */
export class Journal {
  readonly #state = new Map<string, unknown>();
  readonly #undo: (() => void)[] = [];

  /** Undefined deletes. */
  get state(): ReadonlyMap<string, unknown> {
    return this.#state;
  }

  write(key: string, value: unknown): void {
    this.#state.set(key, value);
  }

  undo(back: () => void): void {
    this.#undo.push(back);
  }

  rollBack(): void {
    for (const back of this.#undo.toReversed()) back();
  }
}

/** Puts a value into a map, or takes it out when it is undefined; the journal can take it back. */
export function put<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value | undefined,
  journal: Journal,
): void {
  const before = map.get(key);
  set(map, key, value);
  journal.undo(() => set(map, key, before));
}

function set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
