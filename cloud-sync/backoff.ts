/** First wait after a failure; shorter ones only load a server that is starting. */
export const backoffMsMin = 1_000;

/** Longest wait: a gateway whose network is back is heard from within twice this. */
export const backoffMsMax = 300_000;

/**
 * Longest wait where central itself says that it has too much to do: it lives, and its queue is short. With the longest
 * wait of all it stood idle while 300 gateways waited for it.
 */
export const busyMsMax = 30_000;

/** Waits double until here: 2^9 s is past the longest wait. */
const doublingsMax = 9;

/**
 * Wait before the next attempt, after so many failures in a row (1 = the first). Full jitter: thousands of gateways
 * that lost central at once do not come back at once.
 * @param random 0 <= random < 1
 * @param mostMs no longer than this
 */
export function backoffMs(failures: number, random: number, mostMs = backoffMsMax): number {
  const ceiling = Math.min(mostMs, backoffMsMin * 2 ** Math.min(failures, doublingsMax));
  return Math.round(backoffMsMin + random * (ceiling - backoffMsMin));
}

/** Wait where only a person can help: central is asked as rarely as that, spread over half the time again. */
export function slowMs(random: number): number {
  return Math.round(backoffMsMax * (1 + random / 2));
}
