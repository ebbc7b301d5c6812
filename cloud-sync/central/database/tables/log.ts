/**
 * log_refusals: entries of the partition log that were not stored; a receiver that sees it grow asks the database anew how
 * far it is. log_barrier: the epoch before whose begin all entries of the log are stored.
 */
export const logTables: readonly string[] = [
  `ALTER TABLE gateway ADD log_refusals bigint NOT NULL DEFAULT 0, ADD log_barrier text`,
];
