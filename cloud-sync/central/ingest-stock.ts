import type { Queries } from "./database/database.ts";
import type { StockStep } from "./stock-rows.ts";

/** Belongs into the transaction that moves the mark: what is told again is behind it, and never comes here. */
export async function storeStock(
  queries: Queries,
  { gateway, epochNumber }: { readonly gateway: string; readonly epochNumber: number },
  steps: readonly StockStep[],
): Promise<void> {
  for (const step of steps) {
    if (step.is === "moved") {
      await queries.query(addMovements, [gateway, epochNumber, JSON.stringify(step.movements)]);
      continue;
    }
    if (step.isFirst) await queries.query("DELETE FROM stock WHERE gateway = $1", [gateway]);
    await queries.query(setBalances, [gateway, JSON.stringify(step.balances)]);
  }
}

/**
 * A movement that an earlier epoch told counts again in a later one, which began with other balances: its row then
 * belongs to the later one. Of one epoch each counts once.
 */
const addMovements = `WITH landed AS (
  INSERT INTO movement (gateway, id, at, kind, location, item, lot, quantity, unit, body, epoch_number, seq)
  SELECT $1::text, m.id, to_timestamp(m.at / 1000), m.kind, m.location, m.item, m.lot, m.quantity, m.unit,
    m.body, $2::int, m.seq
  FROM jsonb_to_recordset($3::jsonb) AS m(id text, at double precision, kind text, location text, item text,
    lot text, quantity numeric, unit text, body jsonb, seq bigint)
  ON CONFLICT (gateway, id) DO UPDATE SET epoch_number = excluded.epoch_number, seq = excluded.seq
    WHERE movement.epoch_number < excluded.epoch_number
  RETURNING location, item, coalesce(lot, '') AS lot, quantity, unit, at)
INSERT INTO stock (gateway, location, item, lot, quantity, unit, moved_at)
SELECT $1::text, location, item, lot, sum(quantity), max(unit), max(at) FROM landed
GROUP BY location, item, lot
ON CONFLICT (gateway, location, item, lot) DO UPDATE SET quantity = stock.quantity + excluded.quantity,
  unit = excluded.unit, moved_at = greatest(stock.moved_at, excluded.moved_at)`;

const setBalances = `INSERT INTO stock (gateway, location, item, lot, quantity, unit, name, moved_at)
SELECT DISTINCT ON (b.location, b.item, coalesce(b.lot, '')) $1::text, b.location, b.item,
  coalesce(b.lot, ''), b.quantity, b.unit, b.name, to_timestamp(b."movedAt" / 1000)
FROM jsonb_to_recordset($2::jsonb) AS b(location text, item text, lot text, quantity numeric, unit text,
  name text, "movedAt" double precision)
ON CONFLICT (gateway, location, item, lot) DO UPDATE SET quantity = excluded.quantity,
  unit = excluded.unit, name = excluded.name, moved_at = excluded.moved_at`;
