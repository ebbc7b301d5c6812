/** First ceiling after a failure. */
export const pushBackoffMsMin = 5_000;

/** Longest wait: a receiver whose server is back is told within this. */
export const pushBackoffMsMax = 900_000;

/** 5 s doubled so often is past the longest wait. */
const doublingsMax = 8;

/** Least wait, so that full jitter never becomes a tight loop. */
const pauseMsMin = 500;

/**
 * Wait before the next attempt after so many failures in a row (1 = the first). Full jitter: all gateways of a site
 * that lost the network at once do not come back at once.
 * @param random 0 <= random < 1
 */
export function pushBackoffMs(failures: number, random: number): number {
  const doublings = Math.min(Math.max(0, failures - 1), doublingsMax);
  const ceiling = Math.min(pushBackoffMsMax, pushBackoffMsMin * 2 ** doublings);
  return Math.round(Math.max(pauseMsMin, random * ceiling));
}

/** Wait where only a person can help: between half the longest and the longest. */
export function pushSlowMs(random: number): number {
  return Math.round((pushBackoffMsMax * (1 + random)) / 2);
}

/** A provider that asks for a longer pause is asked again after this: a wrong header must not silence a channel. */
const retryAfterMsMax = 3_600_000;

/** The pause that a receiver asked for, and some jitter on it. */
export function pushPauseMs(afterMs: number, random: number): number {
  const pause = Math.min(Math.max(0, afterMs), retryAfterMsMax);
  return Math.round(pause + random * Math.max(pauseMsMin, pause / 10));
}
