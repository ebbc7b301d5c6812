/** Somebody wants the configuration to be read again. */
export class Reloads {
  #reload: (() => void) | undefined;

  /** Until it is disposed. Nobody listens: a start is under way, and reads the file anyway. */
  listen(reload: () => void): Disposable {
    this.#reload = reload;
    return { [Symbol.dispose]: () => (this.#reload = undefined) };
  }

  ask(): void {
    this.#reload?.();
  }
}

/** Asked by SIGHUP, as `systemctl reload` sends it. */
export function hangUpReloads(): Reloads {
  const reloads = new Reloads();
  process.on("SIGHUP", () => reloads.ask());
  return reloads;
}
