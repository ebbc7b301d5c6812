import type { BundleText } from "../../../config/language/bundles.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Lane } from "../../../gateway/store/store.ts";
import {
  type BundledLetter,
  type BundleHead,
  bundleBytesMax,
  decodeHead,
  decodeLetters,
  headBytes,
  sha256Of,
} from "../../bundles/bundle-format.ts";
import { filePieceSchema } from "../../bundles/carried-files.ts";
import type { Places } from "../../bundles/letters.ts";
import type { SealKeys } from "../../identity/seal.ts";
import { ackSchema, batchSchema, welcomeSchema } from "../../protocol.ts";
import type { DatabaseLink } from "../database-link.ts";
import { takePiece } from "../down/files.ts";
import { sealKeysOf } from "../identity/seal-keys.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import type { LetterKind, Reception } from "../reception.ts";
import { RefusalError } from "../refusals.ts";
import { BodyError, readBody } from "../request-body.ts";

/** Rows of one bundle that central sets apart by itself: one poisoned row must not block a lane, nor a fault empty it. */
const apartMax = 10;

/** What is known of a gateway whose seal was right. */
export interface Proven {
  /** The answer is sealed in the same way. */
  readonly keys: SealKeys;
  /** Of the newest of its bundles: when it was made, and which messages of central it holds. */
  readonly madeAt: number;
  readonly inbox: number | undefined;
}

export interface ImportParts {
  /** By gateway. */
  readonly proven?: Map<string, Proven>;
  /** For gateways that have a certificate in place of a token. */
  readonly signer?: SigningKey | undefined;
  readonly link: DatabaseLink;
  readonly reception: Reception;
  readonly text: BundleText;
  /** Whom to name in records of conflicts. */
  readonly address: string;
}

/** Rows that central did not take, for the gateway to bring one by one. */
export interface RefusedRows {
  readonly epoch: string;
  readonly lane: Lane;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export const bundleOutcomes = [
  /** All of it is at central, and these many rows were not before. */
  "taken",
  /** All of it was at central already. */
  "known",
  /** Rows before it are missing; it can be taken later. */
  "early",
  /** Central or its database stood in the way; the same again goes on from there. */
  "stopped",
  "refused",
] as const;
export type BundleOutcome = (typeof bundleOutcomes)[number];

export interface BundleResult {
  readonly outcome: BundleOutcome;
  /** Absent: it was not found out. */
  readonly gateway?: string | undefined;
  readonly epoch?: string | undefined;
  readonly number?: number | undefined;
  /** Rows that this import brought. */
  readonly rows: number;
  readonly message?: string | undefined;
  readonly todo?: string | undefined;
  readonly refused?: readonly RefusedRows[];
}

type Said = { readonly message: string; readonly todo: string };

/**
 * Takes a whole bundle in. Nothing of it is looked at before length, seal and hash are right; each letter then has its effect
 * as over any road, in a transaction of its own, so that whatever stops on the way is covered by the marks.
 */
export async function importBundle(bytes: Buffer, parts: ImportParts): Promise<BundleResult> {
  const { text, link } = parts;
  const wrong = (said: Said, about: Partial<BundleHead> = {}): BundleResult => ({
    ...named(about),
    ...{ outcome: "refused", rows: 0, ...said },
  });
  const read = decodeHead(bytes);
  if ("fault" in read) {
    const beginning = bytes.subarray(0, 22).toString("utf8") === '{"rackwatch":"bundle",';
    if (read.fault === "version") return wrong(text.version(read.got));
    return wrong(beginning ? text.cut(bytes.length, headBytes) : text.notBundle());
  }
  const { head } = read;
  const whole = headBytes + head.bytes;
  if (whole > bundleBytesMax) return wrong(text.tooLong(bundleBytesMax), head);
  if (bytes.length < whole) return wrong(text.cut(bytes.length, whole), head);
  const content = bytes.subarray(headBytes);
  try {
    const keys = await link.use(({ database }) => sealKeysOf(database, head.gateway, parts.signer));
    if (keys === undefined) return wrong(text.unknownGateway(head.gateway), head);
    if (!read.verify(keys)) return wrong(text.seal(head.gateway), head);
    prove(parts.proven, head, keys);
    if (bytes.length > whole || sha256Of(content) !== head.sha256)
      return wrong(text.damaged(), head);
    const letters = decodeLetters(content, head.letters);
    if (letters?.[0]?.kind !== "hello") return wrong(text.damaged(), head);
    if (await isClosed(link, head)) return wrong(text.closed(), head);
    return await new Intake(head, parts).take(letters);
  } catch (error) {
    if (!(error instanceof RackwatchError)) throw error;
    return { ...named(head), outcome: "stopped", rows: 0, ...text.stopped(error.message) };
  }
}

function prove(
  proven: Map<string, Proven> | undefined,
  { gateway, madeAt, inbox }: BundleHead,
  keys: SealKeys,
): void {
  const before = proven?.get(gateway);
  const newest = before !== undefined && before.madeAt > madeAt ? before : { madeAt, inbox };
  proven?.set(gateway, { keys, madeAt: newest.madeAt, inbox: newest.inbox });
}

function named({ gateway, epoch, number }: Partial<BundleHead>) {
  return { ...(gateway && { gateway }), ...(epoch && { epoch }), ...(number && { number }) };
}

/** An older bundle that comes after those of a later epoch: no second machine, and nothing that is missing. */
async function isClosed(link: DatabaseLink, { gateway, epoch }: BundleHead): Promise<boolean> {
  const rows = await link.use(({ database }) =>
    database.query(
      `SELECT FROM epoch WHERE gateway = $1 AND ((epoch = $2 AND fenced_at IS NOT NULL)
         OR ancestors @> jsonb_build_array(jsonb_build_object('epoch', $2::text))) LIMIT 1`,
      [gateway, epoch],
    ),
  );
  return rows.length > 0;
}

/** Feeds the letters of one bundle to the reception, in their order. */
class Intake {
  readonly #head: BundleHead;
  readonly #parts: ImportParts;
  readonly #refused: RefusedRows[] = [];
  #before: Places = { events: 0, samples: 0 };
  readonly #marks: Record<Lane, number> = { events: 0, samples: 0 };
  #apart = 0;

  constructor(head: BundleHead, parts: ImportParts) {
    this.#head = head;
    this.#parts = parts;
  }

  async take(letters: readonly BundledLetter[]): Promise<BundleResult> {
    const { text } = this.#parts;
    const { from, to, after } = this.#head;
    const blocked = new Set<Lane>();
    try {
      for (const [index, letter] of letters.entries()) {
        const body = await readBody(Buffer.from(letter.body), "zstd");
        if (index === 0) {
          await this.#greet(body);
          const { events, samples } = this.#before;
          if (from.events > events || from.samples > samples) {
            return this.#result("early", text.early(after ?? "?"));
          }
          // Nothing of it is news: not even what was true then.
          if (to.events <= events && to.samples <= samples) {
            await this.#takeFiles(letters);
            return this.#result("known");
          }
          continue;
        }
        await this.#put(letter, body, blocked);
      }
    } catch (error) {
      return this.#failed(error);
    }
    const [first] = this.#refused;
    if (first === undefined) return this.#result("taken");
    const reason = `${first.lane} ${first.firstSeq} to ${first.lastSeq}`;
    return this.#result("refused", text.refusedRows(reason));
  }

  async #greet(body: unknown): Promise<void> {
    const welcome = welcomeSchema.parse(await this.#letter("hello", body));
    this.#before = welcome.marks;
    Object.assign(this.#marks, welcome.marks);
  }

  async #takeFiles(letters: readonly BundledLetter[]): Promise<void> {
    for (const { kind, body } of letters) {
      if (kind === "file") await this.#takeFile(await readBody(Buffer.from(body), "zstd"));
    }
  }

  /** One that nobody asked for, or that is not what it says, is left out: rows do not wait for files. */
  async #takeFile(body: unknown): Promise<void> {
    const piece = filePieceSchema.safeParse(body).data;
    if (piece === undefined) return;
    const { id, bytes, ...of } = piece;
    try {
      await this.#parts.link.use(({ database }) =>
        database.transaction((queries) =>
          takePiece(queries, this.#head.gateway, id, of, Buffer.from(bytes, "base64")),
        ),
      );
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
    }
  }

  /** A lane with rows that central refused goes no further: what is behind them comes with the next bundle. */
  async #put(letter: BundledLetter, body: unknown, blocked: Set<Lane>): Promise<void> {
    const { kind } = letter;
    if (kind === "file") return this.#takeFile(body);
    if (kind === "hello" || kind === "snapshot") {
      await this.#letter(kind, body);
      return;
    }
    const lane = laneOf(body);
    if (lane !== undefined && blocked.has(lane)) return;
    try {
      const ack = ackSchema.parse(await this.#letter(kind, body));
      this.#marks[ack.lane] = ack.mark;
    } catch (error) {
      const batch = kind === "batches" ? batchSchema.safeParse(body).data : undefined;
      if (batch === undefined || !isBadRows(error)) throw error;
      const { epoch, firstSeq, lastSeq } = batch;
      if (firstSeq === lastSeq && this.#apart < apartMax) {
        this.#apart += 1;
        await this.#setApart(batch.lane, firstSeq);
        return;
      }
      blocked.add(batch.lane);
      this.#refused.push({ epoch, lane: batch.lane, firstSeq, lastSeq });
    }
  }

  /** As an agent on a line does it: the row is on record as a gap, and those after it go on. */
  async #setApart(lane: Lane, seq: number): Promise<void> {
    const { gateway, epoch } = this.#head;
    const gaps = [{ firstSeq: seq, lastSeq: seq, reason: "refused" }];
    const ack = ackSchema.parse(
      await this.#letter("gaps", { schemaVersion: 2, gateway, epoch, lane, gaps }),
    );
    this.#marks[lane] = ack.mark;
  }

  #letter(kind: LetterKind, body: unknown): Promise<object> {
    const { reception, address } = this.#parts;
    return reception.take(kind, {
      gateway: this.#head.gateway,
      body,
      origin: { address, carried: true },
    });
  }

  #failed(error: unknown): BundleResult {
    const { text } = this.#parts;
    if (error instanceof RackwatchError)
      return this.#result("stopped", text.stopped(error.message));
    if (error instanceof BodyError) return this.#result("refused", text.damaged());
    if (!(error instanceof RefusalError)) throw error;
    const { code, message } = error.refusal;
    if (code === "gap") return this.#result("early", text.early(this.#head.after ?? "?"));
    if (code === "busy" || code === "database")
      return this.#result("stopped", text.stopped(message));
    return this.#result("refused", text.refusedWhole(message));
  }

  #result(outcome: BundleOutcome, said?: Said): BundleResult {
    const moved = (lane: Lane) => Math.max(0, this.#marks[lane] - this.#before[lane]);
    return {
      ...named(this.#head),
      ...{ outcome, rows: moved("events") + moved("samples"), ...said },
      ...(this.#refused.length > 0 && { refused: this.#refused }),
    };
  }
}

function laneOf(body: unknown): Lane | undefined {
  if (typeof body !== "object" || body === null || !("lane" in body)) return undefined;
  return body.lane === "events" || body.lane === "samples" ? body.lane : undefined;
}

function isBadRows(error: unknown): boolean {
  return (
    error instanceof RefusalError &&
    (error.refusal.code === "bad-batch" || error.refusal.code === "bad-request")
  );
}
