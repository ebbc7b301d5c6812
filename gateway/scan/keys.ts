import type { Readable } from "node:stream";

interface Terminal {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Aborted by the first key on a terminal; a pipe says nothing. Dispose of it, or the terminal stays without echo. */
export function keyPress(input: (Readable & Terminal) | undefined): Disposable & {
  readonly signal: AbortSignal;
} {
  const pressed = new AbortController();
  const isTerminal = input?.isTTY === true && input.setRawMode !== undefined;
  const onKey = () => pressed.abort();
  if (isTerminal) {
    // In this mode Ctrl-C is a key as well.
    input.setRawMode?.(true);
    input.once("data", onKey);
    input.resume();
  }
  return {
    signal: pressed.signal,
    [Symbol.dispose]: () => {
      if (!isTerminal) return;
      input.off("data", onKey);
      input.pause();
      input.setRawMode?.(false);
    },
  };
}
