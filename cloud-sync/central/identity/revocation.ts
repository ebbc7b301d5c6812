import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database, Queries } from "../database/database.ts";
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
    if (await revokeGateway(queries, what)) return { gateway: what };
    const serial = what.replaceAll(":", "").toUpperCase();
    const gateway = await revokeCertificate(queries, serial);
    if (gateway !== undefined) return { gateway, serial };
    throw new RackwatchError("sync/refused", "central knows no such gateway and no such serial", {
      where: what,
      todo: "`rackwatch central gateways` lists both",
    });
  });
}

/** Ends all that a gateway speaks with: certificates, token and codes. False: there is no such gateway. */
export async function revokeGateway(queries: Queries, gateway: string): Promise<boolean> {
  const gateways = await queries.query(
    "UPDATE gateway SET revoked_at = now() WHERE gateway = $1 RETURNING gateway",
    [gateway],
  );
  if (gateways.length === 0) return false;
  await revokeCertificates(queries, gateway, "by an operator");
  await endCodes(queries, gateway);
  return true;
}

/** Ends one certificate, of `gateway` only where one is given. Returns whose it is; undefined: there is none. */
export async function revokeCertificate(
  queries: Queries,
  serial: string,
  gateway?: string,
): Promise<string | undefined> {
  const [certificate] = await queries.query(
    `UPDATE certificate SET revoked_at = coalesce(revoked_at, now()),
       revoked_why = coalesce(revoked_why, 'by an operator')
     WHERE serial = $1 AND ($2::text IS NULL OR gateway = $2) RETURNING gateway`,
    [serial, gateway ?? null],
  );
  const found = certificate?.["gateway"];
  return typeof found === "string" ? found : undefined;
}

/** Ends the token of a gateway; its certificate stays. */
export async function dropToken(queries: Queries, gateway: string): Promise<void> {
  await queries.query("UPDATE gateway SET token_hash = NULL WHERE gateway = $1", [gateway]);
}
