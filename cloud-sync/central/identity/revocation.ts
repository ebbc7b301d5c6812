import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database } from "../database/database.ts";
import { revokeCertificates } from "./certificates.ts";
import { endCodes } from "./enrolment.ts";

export interface Revoked {
  readonly gateway: string;
  /** Absent: all that the gateway could speak with. */
  readonly serial?: string;
}

/**
 * Ends what a gateway speaks with: all of it, or the one certificate of that serial.
 * @throws RackwatchError `sync/refused`: there is neither such a gateway nor such a certificate.
 */
export async function revoke(database: Database, what: string): Promise<Revoked> {
  return database.transaction(async (queries) => {
    const gateways = await queries.query(
      "UPDATE gateway SET revoked_at = now() WHERE gateway = $1 RETURNING gateway",
      [what],
    );
    if (gateways.length > 0) {
      await revokeCertificates(queries, what, "by an operator");
      await endCodes(queries, what);
      return { gateway: what };
    }
    const serial = what.replaceAll(":", "").toUpperCase();
    const [certificate] = await queries.query(
      `UPDATE certificate SET revoked_at = coalesce(revoked_at, now()),
         revoked_why = coalesce(revoked_why, 'by an operator')
       WHERE serial = $1 RETURNING gateway`,
      [serial],
    );
    const gateway = certificate?.["gateway"];
    if (typeof gateway === "string") return { gateway, serial };
    throw new RackwatchError("sync/refused", "central knows no such gateway and no such serial", {
      where: what,
      todo: "`rackwatch central gateways` lists both",
    });
  });
}

/** Ends the token of a gateway; its certificate stays. */
export async function dropToken(database: Database, gateway: string): Promise<void> {
  await database.query("UPDATE gateway SET token_hash = NULL WHERE gateway = $1", [gateway]);
}
