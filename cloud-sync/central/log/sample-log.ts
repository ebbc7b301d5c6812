import type { Clock } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { decodeSamples } from "../../../gateway/store/columns.ts";
import type { Batch, GapDeclaration } from "../../protocol.ts";
import { readBlocks } from "../blocks.ts";
import type { Queries } from "../database/database.ts";
import { type Outcome, refused, stored } from "../outcome.ts";
import { RefusalError } from "../refusals.ts";
import { type Accepted, AcceptedMarks } from "./accepted.ts";
import { type Entry, gatewayOf, packEntry } from "./entry.ts";
import type { PartitionLog } from "./partition-log.ts";

/** How long a receiver goes by what it knows: a gateway that began another epoch elsewhere is noticed after that. */
export const recheckMs = 10_000;

/** A hello that waits for the entries before it comes again so soon. */
const barrierRetryMs = 1_000;

/** A barrier that did not come through is set again: the log may have lost it with its topic. */
const barrierAgainMs = 30_000;

export interface SampleLogParts {
  readonly log: PartitionLog;
  readonly clock: Clock;
}

interface Sent {
  readonly gateway: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/**
 * Samples that go into a log instead of into the database: bursts cost the log a write, and whoever else reads the log has
 * them too. A row counts as central's when the log has it; whoever reads it stores it by the high-water mark, once. Events
 * go straight to the database, an alarm waits for nobody.
 */
export class SampleLog {
  readonly #log: PartitionLog;
  readonly #clock: Clock;
  readonly #accepted = new AcceptedMarks();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #barriers = new Map<string, { readonly epoch: string; readonly at: number }>();

  constructor({ log, clock }: SampleLogParts) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Undefined: the database is to answer, as for an epoch that is not the gateway's newest. */
  batch(queries: Queries, batch: Batch, address: string | undefined): Promise<Outcome | undefined> {
    return this.#inTurn(batch.gateway, async () => {
      const known = await this.#standing(queries, batch.gateway, batch.epoch);
      if (known === undefined) return undefined;
      if (batch.lastSeq <= known.mark) return stored(batch, known.mark, undefined, [], 0);
      if (batch.firstSeq > known.mark + 1) return missing(known.mark, batch.firstSeq);
      const fault = faultOf(batch);
      if (fault !== undefined) return fault;
      await this.#append({ kind: "batch", batch, ...from(address) }, known, batch);
      return stored(batch, batch.lastSeq, undefined, [], batch.lastSeq - known.mark);
    });
  }

  gaps(
    queries: Queries,
    gaps: GapDeclaration,
    address: string | undefined,
  ): Promise<Outcome | undefined> {
    return this.#inTurn(gaps.gateway, async () => {
      const known = await this.#standing(queries, gaps.gateway, gaps.epoch);
      if (known === undefined) return undefined;
      let mark = known.mark;
      for (const { firstSeq, lastSeq } of gaps.gaps) {
        // The database has words of its own for what makes no sense.
        if (lastSeq < firstSeq) return undefined;
        if (firstSeq > mark + 1) return missing(mark, firstSeq);
        mark = Math.max(mark, lastSeq);
      }
      const { gateway, epoch } = gaps;
      const sent = { gateway, epoch, firstSeq: known.mark + 1, lastSeq: mark };
      if (mark > known.mark)
        await this.#append({ kind: "gaps", gaps, ...from(address) }, known, sent);
      return stored(gaps, mark, undefined, [], 0);
    });
  }

  /** How far central is with samples, what waits in the log included. */
  async markOf(queries: Queries, gateway: string, epoch: string, mark: number): Promise<number> {
    const known = await this.#standing(queries, gateway, epoch);
    return Math.max(mark, known?.mark ?? 0);
  }

  /**
   * Before an epoch begins: what the log has of the epochs before must be stored, or its rows would come too late.
   * @throws RefusalError 429 until it is so.
   */
  async beforeEpoch(queries: Queries, gateway: string, epoch: string): Promise<void> {
    const [row] = await queries.query(
      `SELECT g.log_barrier, g.epoch_number, e.epoch FROM gateway g
       LEFT JOIN epoch e ON e.gateway = g.gateway AND e.epoch = $2 WHERE g.gateway = $1`,
      [gateway, epoch],
    );
    const isFirst = row === undefined || row["epoch_number"] === null;
    if (isFirst || row["epoch"] === epoch || row["log_barrier"] === epoch) {
      this.#barriers.delete(gateway);
      return;
    }
    await this.#inTurn(gateway, () => this.#setBarrier(gateway, epoch));
    throw new RefusalError(429, {
      code: "busy",
      message: "rows of the epoch before wait to be stored",
      retryAfterMs: barrierRetryMs,
    });
  }

  async #setBarrier(gateway: string, epoch: string): Promise<void> {
    const now = this.#clock.monotonicMs();
    const set = this.#barriers.get(gateway);
    if (set?.epoch === epoch && now - set.at < barrierAgainMs) return;
    await this.#log.append(gateway, await packEntry({ kind: "barrier", gateway, epoch }));
    this.#barriers.set(gateway, { epoch, at: now });
  }

  async #append(entry: Entry, known: Accepted, sent: Sent): Promise<void> {
    try {
      await this.#log.append(gatewayOf(entry), await packEntry(entry));
    } catch (error) {
      // It may have arrived: whatever comes next is compared with the database, and stored once.
      this.#accepted.forget(sent.gateway);
      throw error;
    }
    this.#accepted.set(sent.gateway, { ...known, mark: sent.lastSeq });
  }

  /** Undefined for an epoch that is not the gateway's newest. */
  async #standing(queries: Queries, gateway: string, epoch: string): Promise<Accepted | undefined> {
    const now = this.#clock.monotonicMs();
    const known = this.#accepted.of(gateway, epoch);
    if (known !== undefined && now - known.checkedAt < recheckMs) return known;
    const [row] = await queries.query(
      `SELECT coalesce(m.seq, 0)::float8 AS seq, g.log_refusals::float8 AS refusals FROM gateway g
       JOIN epoch e ON e.gateway = g.gateway AND e.epoch_number = g.epoch_number
       LEFT JOIN mark m ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number AND m.lane = 'samples'
       WHERE g.gateway = $1 AND e.epoch = $2`,
      [gateway, epoch],
    );
    if (row === undefined) {
      this.#accepted.forget(gateway);
      return undefined;
    }
    const refusals = Number(row["refusals"]);
    const seq = Number(row["seq"]);
    const mark = known?.refusals === refusals ? Math.max(known.mark, seq) : seq;
    const found = { epoch, mark, refusals, checkedAt: now };
    this.#accepted.set(gateway, found);
    return found;
  }

  /** One at a time for each gateway: the order of the log is the order of the marks. */
  async #inTurn<T>(gateway: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(gateway) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turns.set(gateway, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(gateway) === mine) this.#turns.delete(gateway);
    }
  }
}

const from = (address: string | undefined) => (address === undefined ? {} : { address });

/** What nobody could store does not go into the log. */
function faultOf(batch: Batch): Outcome | undefined {
  try {
    const blocks = readBlocks(batch, decodeSamples);
    if (!("refusal" in blocks)) return undefined;
    return refused(blocks.refusal.code === "too-large" ? 413 : 400, blocks.refusal);
  } catch (error) {
    if (!(error instanceof RackwatchError) || error.code !== "store/corrupt") throw error;
    return refused(400, { code: "bad-batch", message: error.message });
  }
}

function missing(mark: number, firstSeq: number): Outcome {
  const message = `rows ${mark + 1} to ${firstSeq - 1} are missing`;
  return refused(409, { code: "gap", message, mark });
}
