import { migrations } from "./migrations.ts";

/** Which tables lie where: distributed ones hold rows of gateways, reference ones are small and the same on every node. */
export interface Placement {
  readonly distributed: readonly string[];
  readonly reference: readonly string[];
}

/**
 * What Citus refuses on a distributed table, undone before: a token belongs to one gateway by its 256 random bits, and
 * is looked for on all nodes.
 */
const before: readonly string[] = [
  "ALTER TABLE gateway DROP CONSTRAINT IF EXISTS gateway_token_hash_key",
  "CREATE INDEX IF NOT EXISTS gateway_by_token ON gateway (token_hash)",
];

/** Unique indexes without the gateway that `citusStatements` takes away. */
export const undoneIndexes: readonly string[] = ["gateway_token_hash_key"];

/** By what the migrations say: a table whose keys begin with the gateway is distributed by it. */
export function placement(statements: readonly string[] = migrations.flat()): Placement {
  const tables = new Map<string, boolean>();
  for (const statement of statements) {
    const [, table, columns] =
      /^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(([\s\S]*)\)/.exec(statement) ?? [];
    if (table !== undefined) tables.set(table, /(?:^|[\s,(])gateway text\b/.test(columns ?? ""));
  }
  const where = (isOfGateway: boolean) =>
    [...tables].flatMap(([table, has]) => (has === isOfGateway ? [table] : []));
  return { distributed: where(true), reference: where(false) };
}

/** What makes of an empty, migrated database one that Citus spreads over its nodes by gateway. */
export function citusStatements(
  { distributed, reference }: Placement = placement(),
): readonly string[] {
  const others = distributed.filter((table) => table !== "gateway");
  return [
    "CREATE EXTENSION IF NOT EXISTS citus",
    ...before,
    ...reference.map((table) => `SELECT create_reference_table('${table}')`),
    "SELECT create_distributed_table('gateway', 'gateway')",
    ...others.map(
      (table) =>
        `SELECT create_distributed_table('${table}', 'gateway', colocate_with => 'gateway')`,
    ),
  ];
}
