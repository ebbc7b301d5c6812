import { createHash } from "node:crypto";
import { z } from "zod";
import type { Queries } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";

/** Bytes of one file: logs of some days, compressed. */
export const fileBytesMax = 8 * 1_024 * 1_024;

/** Bytes of one piece: what a slow link carries within the deadline of a request. */
export const pieceBytesMax = 128 * 1_024;

/** Files of one gateway that are kept; a further one takes the place of the oldest. */
export const filesKept = 5;

/** A piece of a file, and what the whole of it is. */
export const pieceSchema = z.object({
  offset: z.coerce.number().int().min(0),
  size: z.coerce.number().int().min(1).max(fileBytesMax),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Piece = z.infer<typeof pieceSchema>;

export const fileRecordSchema = z.object({
  id: z.string().meta({ description: "Of the command that asked for it" }),
  size: z.number(),
  sha256: z.string(),
  at: z.number(),
  finished: z.boolean(),
});

/**
 * Takes in a piece of a file that a command of that id asked for. Returns how many bytes central has: pieces come in order, one
 * that comes twice changes nothing; 0 after the last one: the whole is not what was said, and begins anew.
 * @throws RefusalError 404: nobody asked for it; 409 `gap` with how far central is.
 */
export async function takePiece(
  queries: Queries,
  gateway: string,
  id: string,
  { offset, size, sha256 }: Piece,
  bytes: Buffer,
): Promise<number> {
  await checkAsked(queries, gateway, id);
  const begun = await begin(queries, gateway, id, size, sha256);
  if (begun.finished) return size;
  if (offset > begun.received) {
    const message = `bytes from ${begun.received} on are missing`;
    throw new RefusalError(409, { code: "gap", message, mark: begun.received });
  }
  if (offset < begun.received) return begun.received;
  const received = offset + bytes.length;
  if (bytes.length === 0 || received > size) {
    const message = `${received} bytes of a file of ${size}`;
    throw new RefusalError(400, { code: "bad-request", message });
  }
  await queries.query(
    "INSERT INTO gateway_file_piece (gateway, id, first_byte, bytes) VALUES ($1, $2, $3, $4)",
    [gateway, id, offset, bytes],
  );
  if (received < size) return received;
  return (await finish(queries, gateway, id, sha256)) ? received : 0;
}

async function checkAsked(queries: Queries, gateway: string, id: string): Promise<void> {
  const [row] = await queries.query(
    "SELECT 1 AS asked FROM command WHERE gateway = $1 AND id = $2 AND action = 'send-logs'",
    [gateway, id],
  );
  if (row !== undefined) return;
  throw new RefusalError(404, {
    code: "not-found",
    message: `no command ${id} asked gateway ${gateway} for a file`,
  });
}

/** Another file under the same name begins anew. The row stays locked until the transaction ends. */
async function begin(
  queries: Queries,
  gateway: string,
  id: string,
  size: number,
  sha256: string,
): Promise<{ readonly received: number; readonly finished: boolean }> {
  await queries.query(
    `INSERT INTO gateway_file (gateway, id, size, sha256) VALUES ($1, $2, $3, $4)
     ON CONFLICT (gateway, id) DO NOTHING`,
    [gateway, id, size, sha256],
  );
  const [row] = await queries.query(
    `SELECT size, sha256, finished_at IS NOT NULL AS finished FROM gateway_file
     WHERE gateway = $1 AND id = $2 FOR UPDATE`,
    [gateway, id],
  );
  const finished = row?.["finished"] === true;
  if (!finished && (row?.["sha256"] !== sha256 || Number(row?.["size"]) !== size)) {
    await dropPieces(queries, gateway, id);
    await queries.query(
      "UPDATE gateway_file SET size = $3, sha256 = $4 WHERE gateway = $1 AND id = $2",
      [gateway, id, size, sha256],
    );
  }
  const [sum] = await queries.query(
    `SELECT coalesce(sum(length(bytes)), 0)::float8 AS received FROM gateway_file_piece
     WHERE gateway = $1 AND id = $2`,
    [gateway, id],
  );
  return { received: Number(sum?.["received"]), finished };
}

async function finish(
  queries: Queries,
  gateway: string,
  id: string,
  sha256: string,
): Promise<boolean> {
  const whole = await joined(queries, gateway, id);
  if (createHash("sha256").update(whole).digest("hex") !== sha256) {
    await dropPieces(queries, gateway, id);
    return false;
  }
  await queries.query(
    "UPDATE gateway_file SET finished_at = now() WHERE gateway = $1 AND id = $2",
    [gateway, id],
  );
  const old = await queries.query(
    `SELECT id FROM gateway_file WHERE gateway = $1 ORDER BY (id = $2) DESC, begun_at DESC, id OFFSET ${filesKept}`,
    [gateway, id],
  );
  for (const row of old) {
    await dropPieces(queries, gateway, String(row["id"]));
    await queries.query("DELETE FROM gateway_file WHERE gateway = $1 AND id = $2", [
      ...[gateway, row["id"]],
    ]);
  }
  return true;
}

async function dropPieces(queries: Queries, gateway: string, id: string): Promise<void> {
  await queries.query("DELETE FROM gateway_file_piece WHERE gateway = $1 AND id = $2", [
    gateway,
    id,
  ]);
}

async function joined(queries: Queries, gateway: string, id: string): Promise<Buffer> {
  const rows = await queries.query(
    "SELECT bytes FROM gateway_file_piece WHERE gateway = $1 AND id = $2 ORDER BY first_byte",
    [gateway, id],
  );
  return Buffer.concat(rows.map(({ bytes }) => z.instanceof(Uint8Array).parse(bytes)));
}

/** Of a gateway, newest first. */
export async function readFiles(
  queries: Queries,
  gateway: string,
): Promise<z.infer<typeof fileRecordSchema>[]> {
  const rows = await queries.query(
    `SELECT id, size::float8 AS size, sha256, (extract(epoch FROM begun_at) * 1000)::float8 AS at,
       finished_at IS NOT NULL AS finished FROM gateway_file WHERE gateway = $1 ORDER BY begun_at DESC`,
    [gateway],
  );
  return rows.map((row) => fileRecordSchema.parse(row));
}

/** A whole file. @throws RefusalError 404 */
export async function readFile(queries: Queries, gateway: string, id: string): Promise<Buffer> {
  const [row] = await queries.query(
    "SELECT 1 AS there FROM gateway_file WHERE gateway = $1 AND id = $2 AND finished_at IS NOT NULL",
    [gateway, id],
  );
  if (row !== undefined) return joined(queries, gateway, id);
  const message = `gateway ${gateway} has not sent the whole of ${id}`;
  throw new RefusalError(404, { code: "not-found", message });
}
