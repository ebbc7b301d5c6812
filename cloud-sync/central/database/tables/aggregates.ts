/** Statements of one migration; see `migrations`. */
export const aggregatesTables: readonly string[] = [];
