/**
 * Milliseconds that this process has computed, on all its threads: what a computation costs is the same on a machine that
 * does ten other things, and the time on a wall is not.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
