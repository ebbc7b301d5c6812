import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Queries } from "../database/database.ts";

export const operatorRoles = ["viewer", "operator"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Whoever reads (viewer) or also decides (operator) at central. */
export interface Operator {
  readonly name: string;
  readonly role: OperatorRole;
}

export const operatorSchema = z.object({ name: z.string(), role: z.enum(operatorRoles) });

/** People; it stands in messages to gateways and in their audit trails. */
const nameSchema = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u);

/** 256 random bits cannot be guessed, so that one SHA-256 is enough to keep them. */
const tokenBytes = 32;

/** Acts that a list shows, newest first. */
const actsShownMax = 500;

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/**
 * Lets a person in, or gives one who is in a new token and role: the old token is dead at once. Returns the token.
 * @throws RackwatchError `config/invalid` for a name that cannot be shown.
 */
export async function addOperator(queries: Queries, operator: Operator): Promise<string> {
  const { name, role } = operator;
  if (!nameSchema.safeParse(name).success) {
    throw new RackwatchError("config/invalid", "an operator's name has 1 to 120 characters", {
      todo: "give the person's name as it shall stand on record",
    });
  }
  const token = `rwo_${randomBytes(tokenBytes).toString("base64url")}`;
  await queries.query(
    `INSERT INTO operator (name, role, token_hash) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET role = excluded.role, token_hash = excluded.token_hash`,
    [name, role, hashOf(token)],
  );
  return token;
}

/** Who may look or decide, by name. */
export async function readOperators(queries: Queries): Promise<Operator[]> {
  const rows = await queries.query("SELECT name, role FROM operator ORDER BY name");
  return rows.map((row) => operatorSchema.parse(row));
}

/** False: there was none of that name. What the person did stays on record. */
export async function removeOperator(queries: Queries, name: string): Promise<boolean> {
  const rows = await queries.query("DELETE FROM operator WHERE name = $1 RETURNING name", [name]);
  return rows.length > 0;
}

/** Whose token it is. The index is searched by hash, so its timing tells nothing of the token. */
export async function operatorOfToken(
  queries: Queries,
  token: string,
): Promise<Operator | undefined> {
  const [row] = await queries.query("SELECT name, role FROM operator WHERE token_hash = $1", [
    hashOf(token),
  ]);
  return operatorSchema.optional().parse(row);
}

/** Puts on record what somebody did, in the transaction that does it. `gateway`: empty where it is about none. */
export async function recordAct(
  queries: Queries,
  { name }: Operator,
  gateway: string,
  act: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await queries.query(
    "INSERT INTO operator_act (gateway, operator, act, detail) VALUES ($1, $2, $3, $4::jsonb)",
    [gateway, name, act, JSON.stringify(detail)],
  );
}

export const actSchema = z.object({
  at: z.number().meta({ description: "Milliseconds since 1970 by central's clock" }),
  operator: z.string(),
  act: z.string(),
  gateway: z.string().optional(),
  detail: z.record(z.string(), z.json()),
});

export async function readActs(queries: Queries): Promise<z.infer<typeof actSchema>[]> {
  const rows = await queries.query(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS at, operator, act, gateway, detail FROM operator_act
     ORDER BY operator_act.at DESC, id LIMIT ${actsShownMax}`,
  );
  return rows.map(({ gateway, ...row }) =>
    actSchema.parse(gateway === "" ? row : { ...row, gateway }),
  );
}
