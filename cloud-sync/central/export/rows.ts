import type { Clock } from "../../../drivers/contract.ts";
import { type BiView, biSchema, type ColumnType } from "../bi/view.ts";
import type { Database, Queries, Row } from "../database/database.ts";
import { Handover } from "./handover.ts";

/** Rows that one query brings: some megabytes in memory, and no query of seconds. */
export const exportPageRows = 5_000;

/** Rows of one export: a table program takes a million. More are exported in several periods. */
export const exportRowsMax = 10_000_000;

export interface ExportQuestion {
  readonly view: BiView;
  readonly gateway?: string | undefined;
  /** Milliseconds since 1970; from inclusive, to exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A cell, by the type of its column: text, date and JSON as text, numbers, truth; a time is milliseconds since 1970. */
export type Cell = string | number | boolean | null;

/**
 * Everything that was asked for as it is at this moment, in the order of the view's key, page by page. One query with a
 * cursor: what a page costs does not grow with the pages before it.
 * @throws RackwatchError `central/busy` when the reader stalls.
 */
export async function* exportPages(
  database: Pick<Database, "transaction">,
  ask: ExportQuestion,
  clock: Pick<Clock, "sleep">,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  const pages = new Handover<readonly (readonly Cell[])[]>(clock);
  const reading = database
    .transaction(async (queries) => {
      const { sql, values } = rowsQuery(ask);
      await queries.query(`DECLARE export NO SCROLL CURSOR FOR ${sql}`, values);
      while (true) {
        const rows = await queries.query(`FETCH ${exportPageRows} FROM export`);
        if (rows.length === 0) return;
        await pages.give(rows.map((row) => cellsOf(ask.view, row)));
      }
    })
    .finally(() => pages.end());
  reading.catch(() => undefined);
  try {
    yield* pages.taken();
    await reading;
  } finally {
    pages.end();
  }
}

/** How many rows it would be, up to one more than may be exported. */
export async function countRows(queries: Queries, ask: ExportQuestion): Promise<number> {
  const { where, values } = condition(ask);
  const [row] = await queries.query(
    `SELECT count(*)::float8 AS rows FROM (SELECT FROM ${tableOf(ask.view)} v ${where} LIMIT ${exportRowsMax + 1}) c`,
    values,
  );
  return Number(row?.["rows"] ?? 0);
}

const tableOf = ({ name }: BiView) => `${biSchema}.${name}`;

function rowsQuery(ask: ExportQuestion) {
  const { view } = ask;
  const { where, values } = condition(ask);
  const columns = view.columns.map(({ name, type }) => `${selected(name, type)} AS ${name}`);
  const order = view.key.map((name) => `v.${name}`).join(", ");
  return {
    sql: `SELECT ${columns.join(", ")} FROM ${tableOf(view)} v ${where} ORDER BY ${order}`,
    values,
  };
}

function condition({ view, gateway, from, to }: ExportQuestion) {
  const values: unknown[] = [];
  const parts: string[] = [];
  const add = (sql: (place: string) => string, value: unknown) => {
    values.push(value);
    parts.push(sql(`$${values.length}`));
  };
  if (gateway !== undefined) add((place) => `v.gateway = ${place}::text`, gateway);
  const time = view.timeColumn;
  const instant = (place: string) => `to_timestamp(${place}::double precision / 1000)`;
  if (time !== undefined && from !== undefined) {
    add((place) => `v.${time} >= ${instant(place)}`, from);
  }
  if (time !== undefined && to !== undefined) add((place) => `v.${time} < ${instant(place)}`, to);
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}

function selected(name: string, type: ColumnType): string {
  if (type === "time") return `(extract(epoch FROM v.${name}) * 1000)::float8`;
  if (type === "number" || type === "whole") return `v.${name}::float8`;
  return type === "truth" ? `v.${name}` : `v.${name}::text`;
}

function cellsOf({ columns }: BiView, row: Row): readonly Cell[] {
  return columns.map(({ name }) => {
    const value = row[name];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return value;
    }
    return null;
  });
}
