/** What a column holds; programs for tables know these without asking. */
export type ColumnType = "text" | "number" | "whole" | "truth" | "time" | "date" | "json";

/** Lower case, no word that SQL or a table program takes for a type: FineBI refuses a column named like one. */
export interface BiColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Over the tables of the view's `from`. */
  readonly sql: string;
  readonly en: string;
  readonly zh: string;
}

/**
 * One table for people who analyse: its name and its columns are a promise. Columns are only ever added, at the end.
 */
export interface BiView {
  readonly name: string;
  readonly en: string;
  readonly zh: string;
  readonly from: string;
  readonly columns: readonly BiColumn[];
  /** Columns that tell each row from all others and order them; none is ever null. */
  readonly key: readonly string[];
  /** The column that a period is asked by; absent: it is of now. */
  readonly timeColumn?: string;
}

export const biSchema = "bi";

/** Nobody logs in as it: a person's or a program's own role is made a member. */
export const biRole = "rackwatch_bi";

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Makes a view, or adds its newest columns to one that is there, with its comments in both languages. */
export function statementsOf({ name, from, columns, en, zh }: BiView): readonly string[] {
  const list = columns.map((column) => `${column.sql} AS ${column.name}`).join(",\n  ");
  return [
    `CREATE OR REPLACE VIEW ${biSchema}.${name} AS SELECT\n  ${list}\nFROM ${from}`,
    `COMMENT ON VIEW ${biSchema}.${name} IS ${literal(`${zh} / ${en}`)}`,
    ...columns.map(
      (column) =>
        `COMMENT ON COLUMN ${biSchema}.${name}.${column.name} IS ${literal(`${column.zh} / ${column.en}`)}`,
    ),
  ];
}
