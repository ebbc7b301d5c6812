import { RackwatchError } from "../drivers/errors.ts";
import { type Lane, lanes } from "../gateway/store/store.ts";
import type { AgentOptions } from "./agent-options.ts";
import { backoffMs, backoffMsMax, busyMsMax, slowMs } from "./backoff.ts";
import { BatchSize } from "./batch-size.ts";
import { Cursors } from "./cursors.ts";
import { Figures } from "./figures.ts";
import { type Agreement, greet } from "./greeting.ts";
import { LaneSender } from "./lane-sender.ts";
import { nextMove, pollMs } from "./next-move.ts";
import { batchRowsLimit } from "./protocol.ts";
import { behindMs, Snapshots } from "./snapshots.ts";
import { StatusKeeper } from "./status-keeper.ts";
import { UplinkError } from "./uplinks/uplink.ts";

/** A wait of minutes is told in such pieces, so that a watchdog sees that it is one. */
const tickMs = 15_000;

/** How often central is greeted: so it learns that the agent lives, and the agent that central was restored. */
const helloMs = 60_000;

/** Up to this share of it earlier: gateways that came back at once do not greet at once each minute. */
const helloSpread = 0.2;

/** After a failure of this long central's screens are made right before all else. */
const outageMs = 10_000;

/** Old samples that come at a rate come in batches of so many seconds, so that the line is never taken for long. */
const ratedSeconds = 2;

/** Answers to a snapshot that say that central, or what stands before it, does not want it. */
const snapshotRefusals = new Set<string>([
  "sync/refused",
  "sync/too-large",
  "sync/not-central",
  "sync/server-error",
]);

/** Ships the outbox. One request at a time; the cursors follow central's marks and nothing else. */
export class Agent {
  readonly #with: AgentOptions;
  readonly #status: StatusKeeper;
  readonly #size = new BatchSize();
  readonly #cursors: Cursors;
  readonly #figures: Figures;
  readonly #snapshots = new Snapshots();
  readonly #senders: Readonly<Record<Lane, LaneSender>>;
  #agreement: Agreement | undefined;
  /** Undefined: at once. */
  #helloAt: number | undefined;
  #eventBatches = 0;
  #samplesAt = 0;
  #drains = false;
  #failures = 0;
  #brokenSince: number | undefined;
  /** Whose request is under way. */
  #sender: LaneSender | undefined;

  constructor(options: AgentOptions) {
    this.#with = options;
    this.#cursors = new Cursors(options);
    this.#figures = new Figures(options.clock);
    const sender = (lane: Lane) => new LaneSender(lane, options, this.#size, this.#cursors);
    this.#senders = { events: sender("events"), samples: sender("samples") };
    const { progress, clock, log } = options;
    const figures = () => this.#figures.now(this.#backlog(), this.#size.rows);
    this.#status = new StatusKeeper(progress, clock, log, figures);
  }

  /** True when central has every row that the store had at the last look. */
  get drained(): boolean {
    const epoch = this.#agreement?.epoch;
    if (epoch === undefined || this.#helloAt === undefined || this.#failures > 0) return false;
    return lanes.every((lane) => !this.#senders[lane].waiting(epoch));
  }

  /** Failures since the last step that went well. */
  get failures(): number {
    return this.#failures;
  }

  /** One request at most. Returns how long to wait before the next step; never throws for what goes wrong outside. */
  async step(signal: AbortSignal): Promise<number> {
    try {
      return await this.#work(signal);
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
        waitMs = this.#with.enrolledAnew?.() === true ? 0 : waitMs - tickMs;
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
    const { outbox, text } = this.#with;
    this.#sender = undefined;
    this.#cursors.settle();
    const { epoch } = outbox;
    if (epoch === "") {
      const { message, todo } = text.noStore("gateway.db");
      throw new RackwatchError("store/io", message, { todo });
    }
    const agreement = this.#agreement;
    if (agreement === undefined || agreement.epoch !== epoch) {
      await this.#greet(epoch, signal);
      return 0;
    }
    const move = nextMove({
      now: this.#now(),
      helloAt: this.#helloAt,
      waiting: {
        events: this.#senders.events.waiting(epoch),
        samples: this.#senders.samples.waiting(epoch),
      },
      eventBatches: this.#eventBatches,
      snapshot: agreement.version < 2 ? undefined : this.#snapshots.due,
      samplesAt: this.#samplesAt,
    });
    if (move.do === "wait") {
      if (!this.#senders.samples.waiting(epoch)) this.#caughtUp();
      return move.ms;
    }
    if (move.do === "hello") await this.#greet(epoch, signal);
    else if (move.do === "snapshot") await this.#tell(agreement, signal);
    else return this.#send(move.lane, agreement, signal);
    return 0;
  }

  #now(): number {
    return this.#with.clock.monotonicMs();
  }

  async #greet(epoch: string, signal: AbortSignal): Promise<void> {
    this.#helloAt = undefined;
    const began = this.#now();
    const agreement = await greet(this.#with, epoch, signal);
    for (const lane of lanes) this.#cursors.follow(lane, epoch, agreement.marks[lane]);
    const now = this.#now();
    const isOther = this.#agreement?.epoch !== epoch;
    const brokenMs = this.#brokenSince === undefined ? 0 : now - this.#brokenSince;
    this.#agreement = agreement;
    this.#helloAt = now + helloMs * (1 - helloSpread * this.#with.random());
    this.#brokenSince = undefined;
    this.#size.allow(agreement.rowsMax, now - began);
    this.#figures.greeted(agreement);
    if (isOther) this.#behind(this.#oldestMs(agreement.marks.samples));
    if (brokenMs > outageMs) this.#snapshots.begin(now);
    if (lanes.every((lane) => !this.#senders[lane].waiting(epoch))) this.#well();
    this.#status.contact(this.#drains);
  }

  /** Age of the sample that central needs next. */
  #oldestMs(mark: number): number {
    const { outbox, clock } = this.#with;
    const [chunk] = outbox.read("samples", mark, 1);
    return chunk === undefined ? 0 : Math.max(0, clock.now() - chunk.lastAt);
  }

  async #tell(agreement: Agreement, signal: AbortSignal): Promise<void> {
    const { outbox, uplink, gatewayId, clock, log } = this.#with;
    const snapshots = this.#snapshots;
    const now = outbox.snapshot(snapshots.afterSeq);
    // Of a database that became another one meanwhile there is nothing, which would read as if all were normal.
    if (outbox.epoch !== agreement.epoch) return;
    const composed = snapshots.compose(now, gatewayId, agreement, clock.now());
    try {
      if (composed !== undefined) {
        const { generation } = await uplink.snapshot({ body: composed.body }, signal);
        this.#figures.snapshot();
        this.#check(generation, agreement);
      }
      snapshots.sent(composed, this.#now());
      this.#status.contact(this.#drains);
    } catch (error) {
      if (!(error instanceof UplinkError) || !snapshotRefusals.has(error.code)) throw error;
      const { code, message } = error;
      this.#figures.failed(code);
      log.warn("snapshot refused", { code, message });
      snapshots.refused();
    }
  }

  async #send(lane: Lane, agreement: Agreement, signal: AbortSignal): Promise<number> {
    const sender = this.#senders[lane];
    this.#sender = sender;
    const rate = this.#drains && lane === "samples" ? agreement.backlogRowsPerSecond : undefined;
    const rowsMax = rate === undefined ? batchRowsLimit : Math.ceil(rate * ratedSeconds);
    const began = this.#now();
    const sent = await sender.send(agreement, rowsMax, signal);
    this.#eventBatches = lane === "events" ? this.#eventBatches + 1 : 0;
    this.#figures.sent(lane, sent);
    if (sent.kind === "nothing") return pollMs;
    if (sent.kind === "cut") return 0;
    this.#well();
    this.#status.contact(this.#drains);
    if (sent.kind === "gap") return 0;
    this.#check(sent.generation, agreement);
    if (lane === "events") return 0;
    this.#samplesAt = rate === undefined ? 0 : began + (sent.rows * 1_000) / rate;
    this.#behind(this.#with.clock.now() - sent.firstAt);
    return 0;
  }

  /** Central's database has become another one: where it stands is asked at once. */
  #check(generation: string, agreement: Agreement): void {
    if (generation !== agreement.generation) this.#helloAt = undefined;
  }

  #behind(ageMs: number): void {
    this.#drains = ageMs > behindMs;
    this.#snapshots.behind(ageMs, this.#now());
  }

  #caughtUp(): void {
    this.#behind(0);
    this.#figures.caughtUp();
  }

  #well(): void {
    this.#failures = 0;
    this.#status.well();
  }

  #backlog(): Readonly<Record<Lane, number>> {
    const { outbox } = this.#with;
    const epoch = this.#agreement?.epoch;
    const of = (lane: Lane) =>
      epoch === undefined ? 0 : Math.max(0, outbox.head(lane) - this.#cursors.at(lane, epoch));
    return { events: of("events"), samples: of("samples") };
  }

  /** What to do about a failure, and how long to wait. */
  #recover(error: RackwatchError): number {
    const uplinkError = error instanceof UplinkError ? error : undefined;
    const random = this.#with.random();
    this.#figures.failed(error.code);
    if (uplinkError !== undefined) {
      const waitMs = this.#cutOrRewind(uplinkError, random);
      if (waitMs !== undefined) return waitMs;
    }
    this.#failures += 1;
    this.#helloAt = undefined;
    this.#brokenSince ??= this.#now();
    // A central that was restored: the hello that comes next tells it what it forgot. The second time something is wrong.
    if (uplinkError?.refusal === "unknown-epoch") {
      return this.#failures === 1 ? 0 : backoffMs(this.#failures, random);
    }
    this.#status.report(error);
    switch (error.code) {
      case "sync/unauthorized":
      case "sync/conflict":
      case "sync/refused":
        return Math.max(slowMs(random), uplinkError?.retryAfterMs ?? 0);
      default:
        return againMs(this.#failures, random, error.code, uplinkError?.retryAfterMs);
    }
  }

  /** What can be mended by another batch. Undefined: nothing. */
  #cutOrRewind(error: UplinkError, random: number): number | undefined {
    const sender = this.#sender;
    const epoch = this.#agreement?.epoch;
    if (sender === undefined || epoch === undefined) return undefined;
    if (error.late) sender.late();
    if (error.code === "sync/too-large" && sender.halve("too-large")) return 0;
    if (error.badRows && sender.halve("refused")) return 0;
    if (error.mark !== undefined && sender.rewind(error.mark, epoch)) return 0;
    if (error.refusal === "internal" && sender.failedInside()) return backoffMs(1, random);
    return undefined;
  }
}

/** Who says when to come again lives, and has room soon. */
function againMs(failures: number, random: number, code: string, askedMs?: number): number {
  const isQueue = code === "sync/busy" && askedMs !== undefined;
  return (askedMs ?? 0) + backoffMs(failures, random, isQueue ? busyMsMax : backoffMsMax);
}
