import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { idSchema } from "../../../config/schema/config.ts";
import type { EpochMs } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { keyName } from "../../identity/key-name.ts";
import type { Database, Queries } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";
import type { Authority } from "./authority.ts";
import { keepCertificate, revokeCertificates } from "./certificates.ts";
import { enrolmentCodeHash, newEnrolmentCode } from "./enrolment-code.ts";

/** A code travels by phone or on paper: longer than a month it lies about. */
export const codeValidMsMax = 31 * 86_400_000;
export const codeValidMsMin = 60_000;

/** An answer that was lost is given again for so long, to the same key only. */
const repeatWithin = "interval '10 minutes'";

/** Codes that are open at once for one gateway: a new one ends the others. */
const codeSchema = z.object({
  used: z.boolean(),
  repeatable: z.boolean(),
  expired: z.boolean(),
  serial: z.string().nullable(),
});

const certificateSchema = z.object({
  pem: z.string(),
  key_name: z.string(),
  not_after: z.number(),
});

export interface MadeCode {
  /** Shown once: central keeps its hash only. */
  readonly code: string;
  readonly expiresAt: EpochMs;
}

export interface Enrolled {
  readonly gateway: string;
  readonly certificate: string;
  readonly notAfter: EpochMs;
}

/**
 * Makes a one-time code for a gateway, which need not exist yet; codes of it that were not used are void from then on.
 * Only its hash is kept.
 * @throws RackwatchError `sync/refused` for an id that no configuration could have.
 */
export function makeEnrolmentCode(
  database: Database,
  gateway: string,
  validMs: number,
  name?: string,
): Promise<MadeCode> {
  return database.transaction((queries) => makeCodeWithin(queries, gateway, validMs, name));
}

/** The same within a transaction of the caller's. @throws RackwatchError `sync/refused` */
export async function makeCodeWithin(
  queries: Queries,
  gateway: string,
  validMs: number,
  name?: string,
): Promise<MadeCode> {
  if (!idSchema.safeParse(gateway).success) {
    throw new RackwatchError("sync/refused", `"${gateway}" cannot be the id of a gateway`, {
      todo: "use letters, digits, dot, dash and underscore, as in gateway.id of its configuration",
    });
  }
  const code = newEnrolmentCode();
  await queries.query(
    `INSERT INTO gateway (gateway, name) VALUES ($1, $2)
     ON CONFLICT (gateway) DO UPDATE SET name = coalesce(excluded.name, gateway.name)`,
    [gateway, name ?? null],
  );
  await endCodes(queries, gateway);
  const [row] = await queries.query(
    `INSERT INTO enrolment_code (gateway, code_hash, expires_at)
     VALUES ($1, $2, now() + $3 * interval '1 millisecond')
     RETURNING (extract(epoch from expires_at) * 1000)::float8 AS expires_at`,
    [gateway, enrolmentCodeHash(code), validMs],
  );
  return { code, expiresAt: Number(row?.["expires_at"]) };
}

/** Codes of a gateway that were not used are void from now on. */
export async function endCodes(queries: Queries, gateway: string): Promise<void> {
  await queries.query(
    `UPDATE enrolment_code SET expires_at = now()
     WHERE gateway = $1 AND used_at IS NULL AND expires_at > now()`,
    [gateway],
  );
}

export interface Redeemed {
  readonly codeHash: Buffer;
  /** Made and held by the gateway. */
  readonly key: KeyObject;
  /** Which gateway the other side believes to be; absent: it takes what the code says. */
  readonly gateway?: string | undefined;
  readonly machine?: string | undefined;
}

/** Whose code it is; looked up by hash, so that neither time nor answer tells a guesser how near he was. */
export async function gatewayOfCode(queries: Queries, codeHash: Buffer): Promise<string> {
  const [row] = await queries.query("SELECT gateway FROM enrolment_code WHERE code_hash = $1", [
    codeHash,
  ]);
  const gateway = row?.["gateway"];
  if (typeof gateway !== "string") throw wrongCode();
  return gateway;
}

/**
 * A certificate for a code, once. What the gateway had before (certificates, a token that was revoked) ends with it; the
 * same code with the same key is answered again for a while.
 * @throws RefusalError 403 `code-wrong`, `code-used`, `code-expired`
 */
export async function redeem(
  database: Database,
  authority: Authority,
  { codeHash, key, gateway: claimed, machine }: Redeemed,
  now: EpochMs,
): Promise<Enrolled> {
  const gateway = await gatewayOfCode(database, codeHash);
  if (claimed !== undefined && claimed !== gateway) {
    throw refusal("code-wrong", `this code is not for gateway ${claimed}`);
  }
  return database.transaction(async (queries) => {
    await queries.query("SELECT 1 FROM gateway WHERE gateway = $1 FOR UPDATE", [gateway]);
    const code = await readCode(queries, gateway, codeHash);
    if (code.used) return again(queries, gateway, code, key);
    if (code.expired) {
      throw refusal("code-expired", "this code is no longer valid");
    }
    await revokeCertificates(queries, gateway, "enrolled anew");
    const issued = await authority.issue(gateway, key, now);
    await keepCertificate(queries, gateway, issued, machine);
    await queries.query(
      `UPDATE enrolment_code SET used_at = now(), serial = $3 WHERE gateway = $1 AND code_hash = $2`,
      [gateway, codeHash, issued.serial],
    );
    await queries.query(
      `UPDATE gateway SET revoked_at = NULL,
         token_hash = CASE WHEN revoked_at IS NULL THEN token_hash END WHERE gateway = $1`,
      [gateway],
    );
    return { gateway, certificate: issued.pem, notAfter: issued.notAfter };
  });
}

async function readCode(queries: Queries, gateway: string, codeHash: Buffer) {
  const [row] = await queries.query(
    `SELECT used_at IS NOT NULL AS used, coalesce(used_at > now() - ${repeatWithin}, false)
       AS repeatable, expires_at <= now() AS expired, serial
     FROM enrolment_code WHERE gateway = $1 AND code_hash = $2`,
    [gateway, codeHash],
  );
  return codeSchema.parse(row);
}

async function again(
  queries: Queries,
  gateway: string,
  { repeatable, serial }: z.infer<typeof codeSchema>,
  key: KeyObject,
): Promise<Enrolled> {
  const [row] = await queries.query(
    `SELECT pem, key_name, (extract(epoch from not_after) * 1000)::float8 AS not_after
     FROM certificate WHERE gateway = $1 AND serial = $2 AND revoked_at IS NULL`,
    [gateway, serial],
  );
  const found = certificateSchema.safeParse(row);
  if (repeatable && found.success && found.data.key_name === keyName(key)) {
    return { gateway, certificate: found.data.pem, notAfter: found.data.not_after };
  }
  throw refusal("code-used", "this code was used already");
}

export function wrongCode(): RefusalError {
  return refusal("code-wrong", "central has no such code");
}

function refusal(code: "code-wrong" | "code-used" | "code-expired", message: string) {
  const todo = "make a new code on central with `rackwatch central enroll-code GATEWAY`";
  return new RefusalError(403, { code, message, todo });
}
