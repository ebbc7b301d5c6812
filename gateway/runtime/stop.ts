/**
 * Aborted by the first SIGTERM, SIGINT or SIGHUP. Further ones change nothing: a terminal signals the whole process
 * group, so the same Ctrl-C often comes twice, and the second must not cut the orderly end short.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => stop.abort());
  }
  return stop.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
