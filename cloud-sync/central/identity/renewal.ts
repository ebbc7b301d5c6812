import { createPublicKey, type KeyObject } from "node:crypto";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { Database } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";
import type { Authority } from "./authority.ts";
import type { Caller } from "./caller.ts";
import { checkStanding, keepCertificate } from "./certificates.ts";
import type { Enrolled } from "./enrolment.ts";

/**
 * The next certificate of a gateway, for the same key or another. The one it has stays good until the next one is used:
 * an answer that is lost costs nothing. Of several that were never used the newest counts.
 * @throws RefusalError 403 `forbidden` for a caller with a token; `revoked`
 */
export async function renew(
  database: Database,
  authority: Authority,
  { gateway, serial }: Caller,
  key: KeyObject | undefined,
  now: EpochMs,
): Promise<Enrolled> {
  if (serial === undefined) {
    throw new RefusalError(403, {
      code: "forbidden",
      message: "a token cannot renew a certificate",
      todo: "enrol the gateway: `rackwatch central enroll-code GATEWAY`",
    });
  }
  return database.transaction(async (queries) => {
    await queries.query("SELECT 1 FROM gateway WHERE gateway = $1 FOR UPDATE", [gateway]);
    await checkStanding(queries, gateway, serial);
    const [row] = await queries.query(
      `SELECT key, machine FROM certificate WHERE gateway = $1 AND serial = $2`,
      [gateway, serial],
    );
    const issued = await authority.issue(
      gateway,
      key ?? createPublicKey(String(row?.["key"])),
      now,
    );
    await queries.query(
      `UPDATE certificate SET revoked_at = now(), revoked_why = 'a newer one was asked for'
       WHERE gateway = $1 AND serial <> $2 AND first_used_at IS NULL AND revoked_at IS NULL`,
      [gateway, serial],
    );
    const machine = row?.["machine"];
    await keepCertificate(
      queries,
      gateway,
      issued,
      typeof machine === "string" ? machine : undefined,
    );
    return { gateway, certificate: issued.pem, notAfter: issued.notAfter };
  });
}
