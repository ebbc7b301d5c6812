/** Statements of one migration; see `migrations`. */
export const identityTables: readonly string[] = [];
