/** What stops a program; a terminal that is closed sends the last one. */
const stopNames = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Aborted by the first of these signals. Further ones change nothing: a terminal signals the whole process
 * group, so the same Ctrl-C often comes twice, and the second must not cut the orderly end short.
 */
export function stopSignal(names: readonly (typeof stopNames)[number][] = stopNames): AbortSignal {
  const stop = new AbortController();
  for (const name of names) process.on(name, () => stop.abort());
  return stop.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
