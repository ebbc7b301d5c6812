/** Where each column of a CSV file stands; undefined: it has none. */
export type Columns<Name extends string> = Readonly<Record<Name, number | undefined>>;

/**
 * The columns that a first line names, in any order and case, others beside them; undefined when it
 * is no such line. `missing` is a column that is named nowhere though it must be.
 */
export function columnsOf<Name extends string>(
  cells: readonly string[],
  names: readonly Name[],
  required: number,
): { readonly columns: Columns<Name>; readonly missing: Name | undefined } | undefined {
  const words = cells.map((cell) => cell.trim().toLowerCase());
  if (!names.some((name) => words.includes(name))) return undefined;
  const found = names.map((name) => [name, indexIn(words, name)] as const);
  const missing = found.slice(0, required).find(([, at]) => at === undefined)?.[0];
  return { columns: record(found), missing };
}

/** The columns of a file that does not name them. */
export function columnsInOrder<Name extends string>(names: readonly Name[]): Columns<Name> {
  return record(names.map((name, at) => [name, at] as const));
}

function indexIn(words: readonly string[], name: string): number | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : at;
}

function record<Name extends string>(
  entries: readonly (readonly [Name, number | undefined])[],
): Columns<Name> {
  // Every name stands in `entries`.
  return Object.fromEntries(entries) as Columns<Name>;
}
