/** Statements of one migration; see `migrations`. */
export const downTables: readonly string[] = [];
