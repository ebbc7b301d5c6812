/** Statements of one migration; see `migrations`. */
export const biTables: readonly string[] = [];
