/**
 * Milliseconds that this process has computed, on all its threads: what a computation costs is the same on a machine that
 * does ten other things, and the time on a wall is not.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Whether one more turn of many is taken: the first `least` always, more until so much processor time is spent. A limit on
 * the wall's clock would tell two stories on a busy machine and sixty on an idle one.
 */
export function turnsWithin(least: number, budgetMs: number): () => boolean {
  const until = processorMs() + budgetMs;
  let taken = 0;
  return () => {
    if (taken >= least && processorMs() > until) return false;
    taken += 1;
    return true;
  };
}
