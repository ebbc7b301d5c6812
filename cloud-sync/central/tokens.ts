import { createHash, randomBytes } from "node:crypto";
import { idSchema } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Queries } from "./database/database.ts";
import { revoked } from "./identity/certificates.ts";

/** 256 random bits cannot be guessed, so that one SHA-256 is enough to keep them: nothing slow on every request. */
const tokenBytes = 32;

export function newToken(): string {
  return `rwg_${randomBytes(tokenBytes).toString("base64url")}`;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/**
 * Enrols a gateway, or gives an enrolled one a new token: the old one is dead at once.
 * @throws RackwatchError `sync/refused` for an id that no configuration could have.
 */
export async function addGateway(
  queries: Queries,
  gateway: string,
  token: string,
  name?: string,
): Promise<void> {
  if (!idSchema.safeParse(gateway).success) {
    throw new RackwatchError("sync/refused", `"${gateway}" cannot be the id of a gateway`, {
      todo: "use letters, digits, dot, dash and underscore, as in gateway.id of its configuration",
    });
  }
  await queries.query(
    `INSERT INTO gateway (gateway, token_hash, name) VALUES ($1, $2, $3)
     ON CONFLICT (gateway) DO UPDATE
       SET token_hash = excluded.token_hash, name = coalesce(excluded.name, gateway.name),
         revoked_at = NULL`,
    [gateway, hashOf(token), name ?? null],
  );
}

/**
 * Which gateway a token belongs to. The index is searched by hash, so its timing tells nothing of the token.
 * @throws RefusalError 403 `revoked`
 */
export async function gatewayOfToken(queries: Queries, token: string): Promise<string | undefined> {
  const [row] = await queries.query(
    "SELECT gateway, revoked_at IS NOT NULL AS revoked FROM gateway WHERE token_hash = $1",
    [hashOf(token)],
  );
  const gateway = row?.["gateway"];
  if (row?.["revoked"] === true) throw revoked(`gateway ${String(gateway)} was revoked`);
  return typeof gateway === "string" ? gateway : undefined;
}
