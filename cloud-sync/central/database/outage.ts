import { RackwatchError } from "../../../drivers/errors.ts";

/** Classes of SQLSTATE that mean that the server is gone, starting, full or shutting down. */
const outageClasses = ["08", "53", "57", "58", "25006", "28", "3D", "XX"];

/** SQLSTATE `disk_full`. */
const diskFull = "53100";

/** SQLSTATE `insufficient_privilege`: heals as soon as somebody grants it. */
const noRight = "42501";

/** Whether a statement failed by the state of the database and not by what it says: it may be tried again. */
export function isOutageState(sqlState: string): boolean {
  return sqlState === noRight || outageClasses.some((start) => sqlState.startsWith(start));
}

/**
 * What callers of a database are told of an outage.
 * @param sqlState empty where the connection is gone.
 * @param todo where the disk is not the cause.
 */
export function outageError(
  sqlState: string,
  { where, todo, cause }: { where: string; todo: string; cause: unknown },
): RackwatchError {
  const fields = { cause, where };
  if (sqlState === diskFull) {
    return new RackwatchError("central/database", "the disk of the database is full", {
      ...fields,
      todo: "make room on the disk of the database; agents keep their rows",
    });
  }
  if (sqlState === noRight) {
    return new RackwatchError("central/database", "the database user has too few rights", {
      ...fields,
      todo: "let it own its database, or GRANT USAGE, CREATE ON SCHEMA public and all rights on the tables in it",
    });
  }
  return new RackwatchError("central/database", "the database does not answer", {
    ...fields,
    todo,
  });
}
