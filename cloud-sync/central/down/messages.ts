import { z } from "zod";
import { type Message, messageCharsMax, messageSchema } from "../../../gateway/down/message.ts";
import { inboxMessagesMax, type SignedMessage } from "../../protocol-down.ts";
import type { Database, Queries, Row } from "../database/database.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { RefusalError } from "../refusals.ts";
import { type DownRow, lockDown } from "./down-row.ts";

/** Messages are forgotten so long after they were settled. */
export const settledKeptMs = 90 * 86_400_000;

/** Characters of one answer, but for its first message: an answer stays in memory of central while it is sent. */
const answerCharsMax = messageCharsMax;

/** A gateway that says it holds more is mistaken: a message a second takes ten thousand years to get there. */
const numberMax = 2 ** 40;

export interface Issue {
  readonly gateway: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt?: number;
  /** Given the number that the message gets. */
  readonly body: (number: number) => Message["body"];
}

/**
 * Gives a message the next number of its gateway, signs and keeps it, all in the transaction that holds `lockDown`.
 * Returns the number. @throws RefusalError 413: it is too large for any gateway.
 */
export async function issue(
  queries: Queries,
  signer: SigningKey,
  down: DownRow,
  { gateway, by, issuedAt, expiresAt, body }: Issue,
): Promise<number> {
  const number = down.last_number + 1;
  await keep(queries, signer, {
    ...{ gateway, number, issuedAt, by, body: body(number) },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  await queries.query("UPDATE down SET last_number = $2 WHERE gateway = $1", [gateway, number]);
  return number;
}

async function keep(queries: Queries, signer: SigningKey, message: Message): Promise<void> {
  const text = JSON.stringify(message);
  if (text.length > messageCharsMax) {
    const said = `more than ${messageCharsMax} characters`;
    throw new RefusalError(413, { code: "too-large", message: said });
  }
  const { gateway, number, issuedAt, expiresAt } = message;
  await queries.query(
    `INSERT INTO message (gateway, number, text, key, signature, issued_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000))`,
    [gateway, number, text, signer.key, signer.sign(text), issuedAt, expiresAt ?? null],
  );
}

const answerRowSchema = z.object({ last_number: z.coerce.number(), held: z.coerce.number() });
const messageRowSchema = z.object({
  number: z.coerce.number(),
  text: z.string(),
  key: z.string(),
  signature: z.string(),
});

/**
 * Messages after that number which still matter, in order: whatever is settled, superseded or past its time is left out.
 * The first answer of a few; the others are asked for with the highest number of this one. Takes note of how far the
 * gateway is. `now`: milliseconds since 1970.
 */
export async function messagesFor(
  database: Database,
  signer: SigningKey,
  gateway: string,
  after: number,
  now: number,
): Promise<readonly SignedMessage[]> {
  const rows = await read(database, gateway, after, now);
  const { last_number: last, held } = answerRowSchema.parse(rows[0] ?? { last_number: 0, held: 0 });
  if (after > last) {
    await goOnFrom(database, signer, gateway, after, now);
    return messagesOf(await read(database, gateway, after, now));
  }
  if (after > held) {
    await database.query("UPDATE down SET held = $2 WHERE gateway = $1 AND held < $2", [
      gateway,
      after,
    ]);
  }
  return messagesOf(rows);
}

function read(queries: Queries, gateway: string, after: number, now: number) {
  return queries.query(
    `SELECT d.last_number, d.held, m.number, m.text, m.key, m.signature FROM down d
     LEFT JOIN LATERAL (
       SELECT * FROM message m WHERE m.gateway = d.gateway AND m.number > $2 AND m.settled_at IS NULL
         AND (m.expires_at IS NULL OR m.expires_at > to_timestamp($3::float8 / 1000))
       ORDER BY m.number LIMIT ${inboxMessagesMax}) m ON true
     WHERE d.gateway = $1 ORDER BY m.number`,
    [gateway, after, now],
  );
}

function messagesOf(rows: readonly Row[]): readonly SignedMessage[] {
  const messages: SignedMessage[] = [];
  let chars = 0;
  for (const row of rows) {
    if (row["number"] === null) continue;
    const message = messageRowSchema.parse(row);
    chars += message.text.length;
    if (messages.length > 0 && chars > answerCharsMax) break;
    messages.push(message);
  }
  return messages;
}

/**
 * The gateway holds messages that central never heard of: central was restored from a backup. Numbers never run back, so
 * what it issued since then, and the gateway cannot have, is numbered and signed anew behind them. What became of a
 * message that was forgotten never counts for another one.
 */
async function goOnFrom(
  database: Database,
  signer: SigningKey,
  gateway: string,
  after: number,
  now: number,
): Promise<void> {
  if (after > numberMax) {
    const message = `nobody holds ${after} messages`;
    throw new RefusalError(400, { code: "bad-request", message });
  }
  await database.transaction(async (queries) => {
    const { last_number: last, held } = await lockDown(queries, gateway);
    if (after <= last) return;
    const rows = await queries.query(
      `DELETE FROM message WHERE gateway = $1 AND number > $2 AND settled_at IS NULL
         AND (expires_at IS NULL OR expires_at > to_timestamp($3::float8 / 1000))
       RETURNING number, text`,
      [gateway, held, now],
    );
    const texts = rows.map((row) => z.object({ text: z.string() }).parse(row).text);
    const messages = texts.map((text) => messageSchema.parse(JSON.parse(text)));
    let number = after;
    for (const message of messages.sort((a, b) => a.number - b.number)) {
      number += 1;
      await renumber(queries, signer, message, number);
    }
    await queries.query("UPDATE down SET last_number = $2, held = $3 WHERE gateway = $1", [
      ...[gateway, number, after],
    ]);
  });
}

async function renumber(
  queries: Queries,
  signer: SigningKey,
  message: Message,
  number: number,
): Promise<void> {
  const { gateway, body } = message;
  const moved = body.kind === "revision" ? { ...body, revision: number } : body;
  await keep(queries, signer, { ...message, number, body: moved });
  await queries.query(
    body.kind === "revision"
      ? `UPDATE revision SET revision = $3, outcome = NULL, reason = NULL, outcome_at = NULL,
           epoch_number = NULL, seq = NULL WHERE gateway = $1 AND revision = $2`
      : "UPDATE command SET number = $3 WHERE gateway = $1 AND number = $2",
    [gateway, message.number, number],
  );
}

/** They change nothing any more for a gateway that does not have them yet. */
export async function settle(
  queries: Queries,
  gateway: string,
  numbers: readonly number[],
): Promise<void> {
  if (numbers.length === 0) return;
  await queries.query(
    `UPDATE message SET settled_at = now() WHERE gateway = $1 AND settled_at IS NULL
       AND number IN (SELECT n::bigint FROM jsonb_array_elements_text($2::jsonb) n)`,
    [gateway, JSON.stringify(numbers)],
  );
}

/** Forgets what was settled or past its time long ago. */
export async function pruneMessages(queries: Queries, now: number): Promise<void> {
  await queries.query(
    `DELETE FROM message WHERE settled_at < to_timestamp($1::float8 / 1000)
       OR expires_at < to_timestamp($1::float8 / 1000)`,
    [now - settledKeptMs],
  );
}
