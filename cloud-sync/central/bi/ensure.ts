import { createHash } from "node:crypto";
import type { Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database, Queries } from "../database/database.ts";
import { migrationLock } from "../database/migrations.ts";
import { biRole, biSchema, statementsOf } from "./view.ts";
import { biViews } from "./views.ts";

/** A role belongs to the whole server: it may be there already, and central may not be allowed to make one. */
const makeRole = `DO $$ BEGIN
  CREATE ROLE ${biRole} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$`;

const grant = `DO $$ BEGIN
  GRANT USAGE ON SCHEMA ${biSchema} TO ${biRole};
  GRANT SELECT ON ALL TABLES IN SCHEMA ${biSchema} TO ${biRole};
EXCEPTION WHEN undefined_object OR insufficient_privilege THEN NULL;
END $$`;

const statements = [
  `CREATE SCHEMA IF NOT EXISTS ${biSchema}`,
  ...biViews.flatMap(statementsOf),
  makeRole,
  grant,
];

const hash = createHash("sha256").update(statements.join("\n")).digest("hex");

/**
 * Makes the views for analysis, and the role that reads them and nothing else, when they are not those of this program.
 * Central does its work without them: what stands in the way is said, and tried again at the next start.
 */
export async function ensureBiViews(database: Database, log: Log): Promise<void> {
  try {
    await database.transaction(makeAll);
  } catch (error) {
    if (error instanceof RackwatchError) throw error;
    log.warn("the views for analysis cannot be made", {
      reason: error instanceof Error ? error.message : String(error),
      todo: "let central's database user create schemas: GRANT CREATE ON DATABASE ... TO ...",
    });
  }
}

async function makeAll(queries: Queries): Promise<void> {
  await queries.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
  const [row] = await queries.query("SELECT hash FROM bi_definition");
  if (row?.["hash"] === hash) return;
  for (const statement of statements) await queries.query(statement);
  await queries.query("DELETE FROM bi_definition");
  await queries.query("INSERT INTO bi_definition (hash) VALUES ($1)", [hash]);
}
