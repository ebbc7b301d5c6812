import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Command } from "../../../gateway/down/message.ts";
import { commandActions, commandOutcomes } from "../../../gateway/down/outcome.ts";
import type { Queries } from "../database/database.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { RefusalError } from "../refusals.ts";
import { lockDown } from "./down-row.ts";
import { issue } from "./messages.ts";
import type { Author } from "./revisions.ts";

/** A command that was not fetched by then was meant for another moment. */
export const expiresInMsDefault = 300_000;

/** Nobody remembers for longer what a lamp was to be tested for. */
export const expiresInMsMax = 86_400_000;

/** Commands that a list shows, newest first. */
const listedMax = 200;

/** Commands of one gateway that wait at once: more were sent by a program that runs wild. */
export const waitingMax = 1_000;

/** Actions that are nothing without something that they are done to. */
const targeted: ReadonlySet<string> = new Set(["acknowledge", "test", "restart-channel"]);

const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cs}\0]*$/u);

export const commandRequestSchema = z
  .object({
    action: z.enum(commandActions),
    target: text(256).optional().meta({
      description:
        "Rule of the alarm to acknowledge; annunciator or output to test; channel to restart. A silence is that of all buzzers of the gateway",
    }),
    comment: text(2_000).optional(),
    id: text(128)
      .min(1)
      .regex(/^[\w-][\w.-]*$/)
      .optional()
      .meta({ description: "Of the asker: the same id again is the same command" }),
    expiresInMs: z.int().min(1_000).max(expiresInMsMax).default(expiresInMsDefault),
  })
  .refine(({ action, target }) => !targeted.has(action) || (target ?? "") !== "", {
    error: "this action needs a target",
    path: ["target"],
  })
  .refine(({ action, target = "all" }) => action !== "silence" || target === "all", {
    error:
      "the buzzers of a gateway are silenced together: leave the target out; the buzzer of one alarm is quiet when it is acknowledged",
    path: ["target"],
  });
export type CommandRequest = z.infer<typeof commandRequestSchema>;

const time = z.number();
export const commandRecordSchema = z.object({
  id: z.string(),
  number: z.number(),
  action: z.enum(commandActions),
  target: z.string().optional(),
  comment: z.string().optional(),
  by: z.string(),
  issuedAt: time,
  expiresAt: time,
  state: z.enum(["waiting", "fetched", ...commandOutcomes]).meta({
    description:
      "`fetched`: the agent has it; the gateway has not said yet what became of it. `interrupted`: the gateway ended while it did it",
  }),
  reason: z.string().optional(),
  outcomeAt: time.optional(),
});
export type CommandRecord = z.infer<typeof commandRecordSchema>;

/**
 * Commands something of a gateway, once for each id. @throws RefusalError 404; 409: the id stands for another command;
 * 429: too many wait.
 */
export async function command(
  queries: Queries,
  signer: SigningKey,
  gateway: string,
  request: CommandRequest,
  { by, at }: Author,
): Promise<string> {
  const { action, target, comment, id = randomUUID(), expiresInMs } = request;
  const down = await lockDown(queries, gateway);
  const said: Command = {
    ...{ kind: "command", id, action },
    ...(target === undefined ? {} : { target }),
    ...(comment === undefined ? {} : { comment }),
  };
  if (await isKnown(queries, gateway, said)) return id;
  await checkRoom(queries, gateway, at);
  const expiresAt = at + expiresInMs;
  const number = await issue(queries, signer, down, {
    ...{ gateway, by, issuedAt: at, expiresAt, body: () => said },
  });
  await queries.query(
    `INSERT INTO command (gateway, id, number, action, target, comment, author, issued_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), to_timestamp($9::float8 / 1000))`,
    [gateway, id, number, action, target ?? null, comment ?? null, by, at, expiresAt],
  );
  return id;
}

async function isKnown(queries: Queries, gateway: string, said: Command): Promise<boolean> {
  const [row] = await queries.query(
    "SELECT action, target, comment FROM command WHERE gateway = $1 AND id = $2",
    [gateway, said.id],
  );
  if (row === undefined) return false;
  const { action, target = null, comment = null } = said;
  if (isDeepStrictEqual({ ...row }, { action, target, comment })) return true;
  throw new RefusalError(409, {
    code: "conflict",
    message: `command ${said.id} was another one`,
    todo: "give each command an id of its own",
  });
}

async function checkRoom(queries: Queries, gateway: string, now: number): Promise<void> {
  const [row] = await queries.query(
    `SELECT count(*)::int AS waiting FROM command WHERE gateway = $1 AND outcome IS NULL
       AND expires_at > to_timestamp($2::float8 / 1000)`,
    [gateway, now],
  );
  if (Number(row?.["waiting"]) < waitingMax) return;
  const message = `${waitingMax} commands wait for this gateway`;
  throw new RefusalError(429, { code: "busy", message, retryAfterMs: 60_000 });
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Of a gateway, newest first; `id`: that one only. `now`: milliseconds since 1970. */
export async function readCommands(
  queries: Queries,
  gateway: string,
  now: number,
  id?: string,
): Promise<CommandRecord[]> {
  const rows = await queries.query(
    `SELECT c.id, c.number::float8 AS number, c.action, c.target, c.comment, c.author AS by,
       ${ms("c.issued_at")} AS "issuedAt", ${ms("c.expires_at")} AS "expiresAt", c.reason,
       ${ms("c.outcome_at")} AS "outcomeAt",
       coalesce(c.outcome, CASE WHEN c.number <= d.held THEN 'fetched'
         WHEN c.expires_at <= to_timestamp($2::float8 / 1000) THEN 'expired' ELSE 'waiting' END) AS state
     FROM command c JOIN down d ON d.gateway = c.gateway
     WHERE c.gateway = $1 AND ($3::text IS NULL OR c.id = $3)
     ORDER BY c.number DESC LIMIT ${listedMax}`,
    [gateway, now, id ?? null],
  );
  return rows.map((row) =>
    commandRecordSchema.parse(
      Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
    ),
  );
}
