import { z } from "zod";
import type { Queries, Row } from "../database/database.ts";

/** Certificates of a gateway that a list shows, newest first: two years of renewals. */
const certificatesShownMax = 20;

const time = z.number().meta({ description: "Milliseconds since 1970" });

export const certificateRecordSchema = z.object({
  serial: z.string(),
  issuedAt: time,
  notAfter: time,
  firstUsedAt: time.optional(),
  machine: z.string().optional(),
  revokedAt: time.optional(),
  revokedWhy: z.string().optional(),
});
type CertificateRecord = z.infer<typeof certificateRecordSchema>;

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Certificates that a gateway was given, newest first, also those that are over. No key is among it. */
export async function readCertificates(
  queries: Queries,
  gateway: string,
): Promise<CertificateRecord[]> {
  const certificates = await queries.query(
    `SELECT serial, ${ms("issued_at")} AS "issuedAt", ${ms("not_after")} AS "notAfter", machine,
       ${ms("first_used_at")} AS "firstUsedAt", ${ms("revoked_at")} AS "revokedAt",
       revoked_why AS "revokedWhy"
     FROM certificate WHERE gateway = $1 ORDER BY issued_at DESC, serial LIMIT ${certificatesShownMax}`,
    [gateway],
  );
  return certificates.map((row) => certificateRecordSchema.parse(withoutNulls(row)));
}

function withoutNulls(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
