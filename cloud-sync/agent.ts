import type { SyncText } from "../config/language/sync.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { type Lane, lanes, type Outbox } from "../gateway/store/store.ts";
import { backoffMs, slowMs } from "./backoff.ts";
import { nextPortion, type Portion, pack } from "./portion.ts";
import type { Progress } from "./progress.ts";
import {
  type Ack,
  batchCompressedBytesMax,
  batchRowsMax,
  type Gap,
  schemaVersion,
} from "./protocol.ts";
import { StatusKeeper } from "./status-keeper.ts";
import { type Uplink, UplinkError } from "./uplinks/uplink.ts";

/** How often an agent that has nothing to send looks for new rows: an alarm is at central within two seconds. */
const pollMs = 1_000;

/** A wait of minutes is told in such pieces, so that a watchdog sees that it is one. */
const tickMs = 15_000;

/** How often an idle agent asks central for its marks: so it learns that central was restored, and central that it lives. */
const greetMs = 60_000;

/**
 * Single rows in a row that central may refuse before the agent stops setting them aside: one poisoned row must not
 * block a lane, but a central that refuses everything must not empty it.
 */
const refusedRowsMax = 10;

export interface AgentOptions {
  readonly gatewayId: string;
  readonly outbox: Outbox;
  readonly uplink: Uplink;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly log: Log;
  readonly text: SyncText;
  /** 0 <= random < 1; spreads retries. */
  readonly random: () => number;
}

interface SetAside extends Gap {
  readonly lane: Lane;
}

/** Ships the outbox. One request at a time; the cursor follows central's mark and nothing else. */
export class Agent {
  readonly #with: AgentOptions;
  readonly #status: StatusKeeper;
  #epoch: string | undefined;
  #greetAt = 0;
  #rowsMax = batchRowsMax;
  #failures = 0;
  #refusedRows = 0;
  /** The batch that is under way, to be cut when it is refused. */
  #sending: { readonly lane: Lane; readonly firstSeq: number; readonly rows: number } | undefined;
  #setAside: SetAside | undefined;

  constructor(options: AgentOptions) {
    this.#with = options;
    this.#status = new StatusKeeper(options.progress, options.clock, options.log);
  }

  /** True when central has every row that the store had at the last look. */
  get drained(): boolean {
    const { outbox, progress } = this.#with;
    const epoch = this.#epoch;
    if (epoch === undefined || this.#failures > 0) return false;
    return lanes.every((lane) => progress.cursor(lane, epoch) >= outbox.head(lane));
  }

  /** Failures since the last step that went well. */
  get failures(): number {
    return this.#failures;
  }

  /** One request at most. Returns how long to wait before the next step; never throws for what goes wrong outside. */
  async step(signal: AbortSignal): Promise<number> {
    try {
      const waitMs = await this.#work(signal);
      this.#failures = 0;
      return waitMs;
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof RackwatchError)) throw error;
      return this.#recover(error);
    }
  }

  /** Steps until the signal is aborted; `ticked` is called after each step and every `tickMs` of a wait. */
  async run(signal: AbortSignal, ticked: () => void = () => undefined): Promise<void> {
    while (!signal.aborted) {
      let waitMs = await this.step(signal);
      ticked();
      while (waitMs > 0 && !signal.aborted) {
        await this.#pause(Math.min(waitMs, tickMs), signal);
        waitMs -= tickMs;
        ticked();
      }
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#with.clock.sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #work(signal: AbortSignal): Promise<number> {
    const { outbox, text, clock } = this.#with;
    const { epoch } = outbox;
    if (epoch === "") {
      const { message, todo } = text.noStore("gateway.db");
      throw new RackwatchError("store/io", message, { todo });
    }
    if (epoch !== this.#epoch || clock.monotonicMs() >= this.#greetAt) {
      await this.#greet(epoch, signal);
      return 0;
    }
    for (const lane of lanes) {
      const portion = this.#portion(lane, epoch);
      if (portion === undefined) continue;
      await this.#send(lane, epoch, portion, signal);
      return 0;
    }
    return pollMs;
  }

  #portion(lane: Lane, epoch: string): Portion | undefined {
    const { outbox, progress, gatewayId } = this.#with;
    const cursor = progress.cursor(lane, epoch);
    const aside = this.#setAside;
    if (aside?.lane === lane && aside.firstSeq === cursor + 1) return { kind: "gap", gap: aside };
    const audit = lane === "events" ? outbox.auditHead() : undefined;
    const of = { gateway: gatewayId, epoch, lane, cursor, rowsMax: this.#rowsMax, audit };
    return nextPortion(outbox, of);
  }

  async #greet(epoch: string, signal: AbortSignal): Promise<void> {
    const { uplink } = this.#with;
    const { marks } = await uplink.marks(epoch, signal);
    this.#epoch = epoch;
    for (const lane of lanes) this.#follow(lane, epoch, marks[lane]);
    this.#heard();
  }

  async #send(lane: Lane, epoch: string, portion: Portion, signal: AbortSignal): Promise<void> {
    if (portion.kind === "gap") {
      await this.#declare(lane, epoch, portion, signal);
      return;
    }
    const { batch } = portion;
    const rows = batch.lastSeq - batch.firstSeq + 1;
    this.#sending = { lane, firstSeq: batch.firstSeq, rows };
    const body = pack(batch);
    if (body === undefined || body.length > batchCompressedBytesMax) {
      this.#halve("too-large");
      return;
    }
    const ack = await this.#with.uplink.push({ body }, signal);
    this.#accept(ack, lane, epoch);
    this.#refusedRows = 0;
    this.#rowsMax = Math.min(batchRowsMax, this.#rowsMax * 2);
    for (const { seq, reason } of ack.rejected) {
      this.#with.log.warn("row rejected by central", { lane, seq, reason });
    }
  }

  async #declare(
    lane: Lane,
    epoch: string,
    { gap, damaged }: Extract<Portion, { kind: "gap" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { uplink, gatewayId, progress, clock, log, text } = this.#with;
    const { firstSeq, lastSeq, reason } = gap;
    const gaps = [{ firstSeq, lastSeq, reason }];
    const ack = await uplink.declare(
      { schemaVersion, gateway: gatewayId, epoch, lane, gaps },
      signal,
    );
    log.warn("gap declared", { lane, firstSeq, lastSeq, reason });
    if (damaged !== undefined) {
      log.error("chunk set aside", {
        ...text.corruptChunk(lane, firstSeq, lastSeq),
        hash: damaged.hash,
      });
      progress.setAside(damaged, epoch, clock.now());
    }
    this.#setAside = undefined;
    this.#accept(ack, lane, epoch);
  }

  #accept(ack: Ack, lane: Lane, epoch: string): void {
    if (ack.epoch !== epoch || ack.lane !== lane) {
      const { message, todo } = this.#with.text.notCentral(`${ack.lane} ${ack.epoch}`);
      throw new UplinkError("sync/not-central", message, { todo });
    }
    this.#follow(lane, epoch, ack.mark);
    this.#heard();
  }

  /** Forward, or back when central was restored from a backup. A mark beyond what was ever written is not of these rows. */
  #follow(lane: Lane, epoch: string, mark: number): void {
    const { outbox, progress, clock, log, text } = this.#with;
    const head = outbox.head(lane);
    if (mark > head && outbox.epoch === epoch) {
      const { message, todo } = text.conflict("central", text.ahead(lane, mark, head));
      throw new UplinkError("sync/conflict", message, { todo });
    }
    const cursor = progress.cursor(lane, epoch);
    if (mark < cursor) log.warn("central is behind, rows are sent again", { lane, mark, cursor });
    if (mark !== cursor) progress.moveCursor(lane, epoch, mark, clock.now());
  }

  #heard(): void {
    this.#greetAt = this.#with.clock.monotonicMs() + greetMs;
    this.#status.heard();
  }

  /** What to do about a failure, and how long to wait. */
  #recover(error: RackwatchError): number {
    const uplinkError = error instanceof UplinkError ? error : undefined;
    this.#failures += 1;
    if (error.code === "sync/too-large" && this.#halve("too-large")) return 0;
    if (uplinkError?.badRows === true && this.#halve("refused")) return 0;
    if (uplinkError?.mark !== undefined && this.#rewind(uplinkError.mark)) return 0;
    this.#status.report(error);
    const random = this.#with.random();
    switch (error.code) {
      case "sync/unauthorized":
      case "sync/conflict":
      case "sync/refused":
        return Math.max(slowMs(random), uplinkError?.retryAfterMs ?? 0);
      default:
        return backoffMs(this.#failures, random) + (uplinkError?.retryAfterMs ?? 0);
    }
  }

  /** Smaller batches from now on; a single row is set aside. False when that has been done too often. */
  #halve(reason: "too-large" | "refused"): boolean {
    const sending = this.#sending;
    if (sending === undefined) return false;
    if (sending.rows > 1) {
      this.#rowsMax = Math.max(1, Math.floor(sending.rows / 2));
      return true;
    }
    if (this.#refusedRows >= refusedRowsMax) return false;
    this.#refusedRows += 1;
    const { lane, firstSeq } = sending;
    this.#setAside = { lane, firstSeq, lastSeq: firstSeq, reason };
    const { log, text } = this.#with;
    log.error("row set aside", text.refusedRow(lane, firstSeq, reason));
    return true;
  }

  /** Central says that rows before these are missing. False when that is no news, so that two never argue in a loop. */
  #rewind(mark: number): boolean {
    const sending = this.#sending;
    const epoch = this.#epoch;
    if (sending === undefined || epoch === undefined || mark >= sending.firstSeq - 1) return false;
    this.#follow(sending.lane, epoch, mark);
    return true;
  }
}
