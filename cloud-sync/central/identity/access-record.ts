import { z } from "zod";
import type { Queries, Row } from "../database/database.ts";
import { noGateway } from "../down/down-row.ts";

/** Certificates of a gateway that a list shows, newest first: two years of renewals. */
const certificatesShownMax = 20;

const time = z.number().meta({ description: "Milliseconds since 1970" });

export const accessRecordSchema = z.object({
  hasToken: z.boolean(),
  revokedAt: time.optional().meta({ description: "Nobody speaks for it since" }),
  codeUntil: time.optional().meta({ description: "A code that nobody used is good until then" }),
  certificates: z.array(
    z.object({
      serial: z.string(),
      issuedAt: time,
      notAfter: time,
      firstUsedAt: time.optional(),
      machine: z.string().optional(),
      revokedAt: time.optional(),
      revokedWhy: z.string().optional(),
    }),
  ),
});
export type AccessRecord = z.infer<typeof accessRecordSchema>;

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** By what a gateway gets in, and what was ended. No key and no hash is among it. @throws RefusalError 404 */
export async function readAccessRecord(queries: Queries, gateway: string): Promise<AccessRecord> {
  const [row] = await queries.query(
    `SELECT token_hash IS NOT NULL AS "hasToken", ${ms("revoked_at")} AS "revokedAt",
       (SELECT ${ms("max(e.expires_at)")} FROM enrolment_code e
        WHERE e.gateway = g.gateway AND e.used_at IS NULL AND e.expires_at > now()) AS "codeUntil"
     FROM gateway g WHERE gateway = $1`,
    [gateway],
  );
  if (row === undefined) throw noGateway(gateway);
  const certificates = await queries.query(
    `SELECT serial, ${ms("issued_at")} AS "issuedAt", ${ms("not_after")} AS "notAfter", machine,
       ${ms("first_used_at")} AS "firstUsedAt", ${ms("revoked_at")} AS "revokedAt",
       revoked_why AS "revokedWhy"
     FROM certificate WHERE gateway = $1 ORDER BY issued_at DESC, serial LIMIT ${certificatesShownMax}`,
    [gateway],
  );
  return accessRecordSchema.parse({
    ...withoutNulls(row),
    certificates: certificates.map(withoutNulls),
  });
}

function withoutNulls(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
