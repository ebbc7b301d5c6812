import type { z } from "zod";
import { isRecord } from "../../../../gateway/panel/web/merge.ts";
import type { gatewayIdentitySchema } from "../../routes/identity.ts";
import { type Found, foundOf } from "../rows.ts";

export type IdentityRow = z.infer<typeof gatewayIdentitySchema>;

export interface MadeCode {
  readonly code: string;
  readonly expiresAt: number;
}

export function identitiesOf(body: unknown): Found<IdentityRow> | undefined {
  return foundOf(body, "identities", isIdentity);
}

export function madeCodeOf(body: unknown): MadeCode | undefined {
  if (!isRecord(body)) return undefined;
  const { code, expiresAt } = body;
  return typeof code === "string" && typeof expiresAt === "number"
    ? { code, expiresAt }
    : undefined;
}

function isIdentity(row: unknown): row is IdentityRow {
  return (
    isRecord(row) && typeof row["gateway"] === "string" && typeof row["hasToken"] === "boolean"
  );
}
