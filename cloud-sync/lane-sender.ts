import { setImmediate as breath } from "node:timers/promises";
import type { EpochMs } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { Chunk, Lane } from "../gateway/store/store.ts";
import type { AgentOptions } from "./agent-options.ts";
import type { BatchSize } from "./batch-size.ts";
import type { Cursors } from "./cursors.ts";
import { type Agreement, stray } from "./greeting.ts";
import { nextPortion, type Portion, packAside } from "./portion.ts";
import type { Ack, Batch, Gap } from "./protocol.ts";
import { UplinkError } from "./uplinks/uplink.ts";

/**
 * Single rows in a row that central may refuse before the agent stops setting them aside: one poisoned row must not
 * block a lane, but a central that refuses everything must not empty it.
 */
const refusedRowsMax = 10;

/** Failures inside central in a row, with a hello answered between them, until the batch itself is suspected. */
const insideFailuresMax = 5;

interface Ready {
  readonly kind: "ready";
  readonly epoch: string;
  readonly version: Batch["schemaVersion"];
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly firstAt: EpochMs;
  readonly body: Uint8Array;
}

/** What one call of `send` did. */
export type Sent =
  | {
      readonly kind: "rows";
      readonly rows: number;
      readonly bytes: number;
      readonly ms: number;
      readonly firstAt: EpochMs;
      readonly rejected: number;
      readonly generation: string;
    }
  | { readonly kind: "gap" }
  /** Nothing went: the batch is too large and will be smaller. */
  | { readonly kind: "cut" }
  /** Nothing went: the rows are gone since they were counted. */
  | { readonly kind: "nothing" };

/** Ships one lane: a request at a time, and while it is under way the next batch is made ready, one at most. */
export class LaneSender {
  readonly #lane: Lane;
  readonly #with: AgentOptions;
  readonly #size: BatchSize;
  readonly #cursors: Cursors;
  #sending: { readonly firstSeq: number; readonly lastSeq: number } | undefined;
  #ready: Ready | undefined;
  #aside: Gap | undefined;
  /** Where a refused batch is searched for the row that is at fault. */
  #search: { readonly rows: number; readonly until: number } | undefined;
  #refusedRows = 0;
  /** Of rows that central failed over and did not refuse; never forgiven, for the fault may be central's own. */
  #failedRows = 0;
  #inside = { firstSeq: 0, failures: 0 };

  constructor(lane: Lane, parts: AgentOptions, size: BatchSize, cursors: Cursors) {
    this.#lane = lane;
    this.#with = parts;
    this.#size = size;
    this.#cursors = cursors;
  }

  waiting(epoch: string): boolean {
    return this.#with.outbox.head(this.#lane) > this.#cursors.at(this.#lane, epoch);
  }

  /** One request. @param rowsMax Not more than these, whatever the size of batches is. @throws UplinkError */
  async send(agreement: Agreement, rowsMax: number, signal: AbortSignal): Promise<Sent> {
    this.#sending = undefined;
    const cursor = this.#cursors.at(this.#lane, agreement.epoch);
    const next = await this.#next(agreement, cursor, rowsMax);
    if (next === undefined || next === "cut") return { kind: next ?? "nothing" };
    if (next.kind === "gap") {
      await this.#declare(agreement, next, signal);
      return { kind: "gap" };
    }
    return this.#push(agreement, next, rowsMax, signal);
  }

  async #push(
    agreement: Agreement,
    { firstSeq, lastSeq, firstAt, body }: Ready,
    rowsMax: number,
    signal: AbortSignal,
  ): Promise<Sent> {
    const { uplink, clock, log } = this.#with;
    this.#sending = { firstSeq, lastSeq };
    const began = clock.monotonicMs();
    const push = async () => {
      const ack = await uplink.push({ body }, signal);
      return { ack, ms: clock.monotonicMs() - began };
    };
    const [{ ack, ms }] = await Promise.all([push(), this.#makeReady(agreement, lastSeq, rowsMax)]);
    this.#accept(ack, agreement, firstSeq, lastSeq);
    this.#refusedRows = 0;
    this.#inside = { firstSeq: 0, failures: 0 };
    if (this.#search !== undefined && ack.mark >= this.#search.until) this.#search = undefined;
    const rows = lastSeq - firstSeq + 1;
    this.#size.took(ms, rows);
    for (const { seq, reason } of ack.rejected) {
      log.warn("row rejected by central", { lane: this.#lane, seq, reason });
    }
    const { rejected, generation } = ack;
    const bytes = body.length;
    return { kind: "rows", rows, bytes, ms, firstAt, rejected: rejected.length, generation };
  }

  async #next(
    agreement: Agreement,
    cursor: number,
    rowsMax: number,
  ): Promise<Ready | Extract<Portion, { kind: "gap" }> | "cut" | undefined> {
    const ready = this.#ready;
    this.#ready = undefined;
    const aside = this.#aside;
    if (aside?.firstSeq === cursor + 1) return { kind: "gap", gap: aside };
    const rows = Math.min(rowsMax, this.#search?.rows ?? this.#size.rows);
    if (ready !== undefined && fits(ready, agreement, cursor, rows)) return ready;
    const next = await this.#compose(agreement, cursor, rows);
    if (next !== "too large") return next;
    const tooMany = Math.min(rows, this.#with.outbox.head(this.#lane) - cursor);
    this.#sending = { firstSeq: cursor + 1, lastSeq: cursor + tooMany };
    if (this.halve("too-large")) return "cut";
    const { message, todo } = this.#with.text.tooLarge("central");
    throw new UplinkError("sync/too-large", message, { todo });
  }

  async #compose(agreement: Agreement, cursor: number, rowsMax: number) {
    const { outbox, gatewayId } = this.#with;
    const lane = this.#lane;
    const { epoch, version, bytesMax, compressedBytesMax } = agreement;
    const audit = lane === "events" ? outbox.auditHead() : undefined;
    const of = { gateway: gatewayId, epoch, lane, cursor, rowsMax, version, audit };
    const portion = nextPortion(outbox, of);
    if (portion === undefined || portion.kind === "gap") return portion;
    const { batch, firstAt } = portion;
    const body = await packAside(batch, bytesMax);
    if (body === undefined || body.length > compressedBytesMax) return "too large";
    const { firstSeq, lastSeq } = batch;
    return { kind: "ready", epoch, version, firstSeq, lastSeq, firstAt, body } as const;
  }

  /** Only where a full batch waits: live rows go as they come. What stands in the way is met when its turn comes. */
  async #makeReady(agreement: Agreement, cursor: number, rowsMax: number): Promise<void> {
    const rows = Math.min(rowsMax, this.#size.rows);
    if (this.#search !== undefined) return;
    await breath();
    try {
      if (this.#with.outbox.head(this.#lane) - cursor < rows) return;
      const next = await this.#compose(agreement, cursor, rows);
      if (next !== "too large" && next?.kind === "ready") this.#ready = next;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
    }
  }

  async #declare(
    agreement: Agreement,
    { gap, damaged }: Extract<Portion, { kind: "gap" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { uplink, gatewayId, log, text } = this.#with;
    const lane = this.#lane;
    const { epoch, version } = agreement;
    const { firstSeq, lastSeq, reason } = gap;
    const ack = await uplink.declare(
      {
        schemaVersion: version,
        gateway: gatewayId,
        ...{ epoch, lane, gaps: [{ firstSeq, lastSeq, reason }] },
      },
      signal,
    );
    log.warn("gap declared", { lane, firstSeq, lastSeq, reason });
    if (damaged !== undefined) {
      log.error("chunk set aside", {
        ...text.corruptChunk(lane, firstSeq, lastSeq),
        hash: damaged.hash,
      });
    }
    this.#aside = undefined;
    this.#accept(ack, agreement, firstSeq, lastSeq);
    if (damaged !== undefined) this.#note(damaged, epoch);
  }

  /** The log and central have what the file cannot take. */
  #note(damaged: Chunk, epoch: string): void {
    const { progress, clock, log } = this.#with;
    try {
      progress.setAside(damaged, epoch, clock.now());
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      log.warn("damaged chunk not noted", { code: error.code });
    }
  }

  /** A mark outside of what was sent is that of another request, or central is not where it said: it is asked again. */
  #accept(ack: Ack, { epoch }: Agreement, firstSeq: number, lastSeq: number): void {
    const lane = this.#lane;
    const belongs = ack.epoch === epoch && ack.lane === lane;
    if (!belongs || ack.mark < firstSeq - 1 || ack.mark > lastSeq) {
      throw stray(this.#with, `${ack.lane} ${ack.mark}`);
    }
    this.#cursors.follow(lane, epoch, ack.mark);
  }

  /** Smaller batches from now on; a single row is set aside. False when that has been done too often. */
  halve(reason: "too-large" | "refused"): boolean {
    const sending = this.#sending;
    if (sending === undefined) return false;
    this.#ready = undefined;
    const { firstSeq, lastSeq } = sending;
    const rows = lastSeq - firstSeq + 1;
    if (rows > 1) {
      if (reason === "too-large") this.#size.tooLarge(rows);
      const until = Math.max(lastSeq, this.#search?.until ?? 0);
      if (reason === "refused" || this.#search !== undefined) {
        this.#search = { rows: Math.floor(rows / 2), until };
      }
      return true;
    }
    if (this.#refusedRows >= refusedRowsMax) return false;
    this.#refusedRows += 1;
    this.#search = undefined;
    this.#aside = { firstSeq, lastSeq, reason };
    const { log, text } = this.#with;
    log.error("row set aside", text.refusedRow(this.#lane, firstSeq, reason));
    return true;
  }

  /** No whole answer came in time: the next batch is smaller. */
  late(): void {
    const sending = this.#sending;
    if (sending === undefined) return;
    this.#ready = undefined;
    this.#size.late(sending.lastSeq - sending.firstSeq + 1);
  }

  /** Central failed over the batch. True when it was cut for that. */
  failedInside(): boolean {
    const sending = this.#sending;
    if (sending === undefined) return false;
    const { firstSeq, lastSeq } = sending;
    const again = this.#inside.firstSeq === firstSeq ? this.#inside.failures : 0;
    this.#inside = { firstSeq, failures: again + 1 };
    const single = firstSeq === lastSeq;
    const searching = this.#search !== undefined && !single;
    if (!searching && this.#inside.failures < insideFailuresMax) return false;
    if (single && this.#failedRows >= refusedRowsMax) return false;
    const halved = this.halve("refused");
    if (halved && single) this.#failedRows += 1;
    this.#inside = { firstSeq, failures: 0 };
    return halved;
  }

  /** Central says that rows before these are missing. False when that is no news, so that two never argue in a loop. */
  rewind(mark: number, epoch: string): boolean {
    const sending = this.#sending;
    if (sending === undefined || mark >= sending.firstSeq - 1) return false;
    this.#cursors.follow(this.#lane, epoch, mark);
    return true;
  }
}

function fits(ready: Ready, { epoch, version }: Agreement, cursor: number, rows: number): boolean {
  const { firstSeq, lastSeq } = ready;
  return (
    ready.epoch === epoch &&
    ready.version === version &&
    firstSeq === cursor + 1 &&
    lastSeq - cursor <= rows
  );
}
