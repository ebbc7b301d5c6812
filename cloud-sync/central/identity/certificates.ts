import { z } from "zod";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { Queries, Row } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";
import type { Issued } from "./authority.ts";

const standingSchema = z.object({
  gateway_revoked: z.boolean(),
  revoked_why: z.string().nullable(),
  revoked: z.boolean(),
  used: z.boolean(),
});

export async function keepCertificate(
  queries: Queries,
  gateway: string,
  issued: Issued,
  machine?: string,
): Promise<void> {
  await queries.query(
    `INSERT INTO certificate (gateway, serial, key, key_name, pem, not_before, not_after, machine)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[gateway, issued.serial, issued.key, issued.keyName, issued.pem],
      ...[new Date(issued.notBefore), new Date(issued.notAfter), machine ?? null],
    ],
  );
}

/** Ends all certificates of a gateway, or all but one. */
export async function revokeCertificates(
  queries: Queries,
  gateway: string,
  why: string,
  except = "",
): Promise<void> {
  await queries.query(
    `UPDATE certificate SET revoked_at = now(), revoked_why = $2
     WHERE gateway = $1 AND revoked_at IS NULL AND serial <> $3`,
    [gateway, why, except],
  );
}

/**
 * Whether central still takes this certificate of its authority. At its first use the one that it follows ends.
 * @throws RefusalError 403 `revoked`
 */
export async function checkStanding(
  queries: Queries,
  gateway: string,
  serial: string,
): Promise<void> {
  const [row] = await queries.query(
    `SELECT g.revoked_at IS NOT NULL AS gateway_revoked, c.revoked_at IS NOT NULL AS revoked,
       c.revoked_why, c.first_used_at IS NOT NULL AS used
     FROM certificate c JOIN gateway g ON g.gateway = c.gateway
     WHERE c.gateway = $1 AND c.serial = $2`,
    [gateway, serial],
  );
  const found = standingSchema.safeParse(row);
  // A central that was restored from before the certificate was made does not know it.
  if (!found.success) throw revoked("central has no record of this certificate");
  const { gateway_revoked, revoked: ended, revoked_why, used } = found.data;
  if (gateway_revoked) throw revoked(`gateway ${gateway} was revoked`);
  if (ended) throw revoked(`this certificate was revoked: ${revoked_why ?? "by an operator"}`);
  if (used) return;
  await queries.query(
    "UPDATE certificate SET first_used_at = now() WHERE gateway = $1 AND serial = $2",
    [gateway, serial],
  );
  await revokeCertificates(queries, gateway, "a newer one is in use", serial);
}

export function revoked(message: string): RefusalError {
  return new RefusalError(403, {
    code: "revoked",
    message,
    todo: "enrol it anew: `rackwatch central enroll-code GATEWAY`, then `rackwatch enroll CODE --again` there",
  });
}

/** What is kept of a gateway's ways in. */
export interface Access {
  readonly gateway: string;
  readonly name: string | undefined;
  readonly hasToken: boolean;
  readonly revokedAt: EpochMs | undefined;
  /** Of the certificate that was issued last and is not revoked. */
  readonly serial: string | undefined;
  readonly notAfter: EpochMs | undefined;
  readonly firstUsedAt: EpochMs | undefined;
  readonly machine: string | undefined;
  /** Until when a code that nobody used is good. */
  readonly codeUntil: EpochMs | undefined;
}

const accessSchema = z.object({
  gateway: z.string(),
  name: z.string().nullable(),
  has_token: z.boolean(),
  revoked_at: z.number().nullable(),
  serial: z.string().nullable(),
  not_after: z.number().nullable(),
  first_used_at: z.number().nullable(),
  machine: z.string().nullable(),
  code_until: z.number().nullable(),
});

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** All gateways by id. */
export async function readAccess(queries: Queries): Promise<readonly Access[]> {
  return (await queries.query(`${accessSql} ORDER BY g.gateway`)).map(accessOf);
}

/** Of these gateways, by id. */
export async function readAccessOfAll(
  queries: Queries,
  gateways: readonly string[],
): Promise<readonly Access[]> {
  const sql = `${accessSql} WHERE g.gateway = ANY($1::text[]) ORDER BY g.gateway`;
  return (await queries.query(sql, [gateways])).map(accessOf);
}

/** Of one gateway; undefined: there is none of that id. */
export async function readAccessOf(queries: Queries, gateway: string): Promise<Access | undefined> {
  const [row] = await queries.query(`${accessSql} WHERE g.gateway = $1`, [gateway]);
  return row && accessOf(row);
}

const accessSql = `SELECT g.gateway, coalesce(g.name, g.reported_name) AS name, g.token_hash IS NOT NULL AS has_token,
    ${milliseconds("g.revoked_at")} AS revoked_at, c.serial, ${milliseconds("c.not_after")} AS not_after,
    ${milliseconds("c.first_used_at")} AS first_used_at, c.machine,
    (SELECT ${milliseconds("max(e.expires_at)")} FROM enrolment_code e
     WHERE e.gateway = g.gateway AND e.used_at IS NULL AND e.expires_at > now()) AS code_until
  FROM gateway g LEFT JOIN LATERAL (
    SELECT * FROM certificate WHERE gateway = g.gateway AND revoked_at IS NULL
    ORDER BY issued_at DESC LIMIT 1) c ON true`;

function accessOf(row: Row): Access {
  const it = accessSchema.parse(row);
  return {
    gateway: it.gateway,
    name: it.name ?? undefined,
    hasToken: it.has_token,
    revokedAt: it.revoked_at ?? undefined,
    serial: it.serial ?? undefined,
    notAfter: it.not_after ?? undefined,
    firstUsedAt: it.first_used_at ?? undefined,
    machine: it.machine ?? undefined,
    codeUntil: it.code_until ?? undefined,
  };
}
