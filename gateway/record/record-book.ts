import type { Clock, EpochMs, Log, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Problem } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";
import { readSamples } from "../store/chunk.ts";
import { storeError } from "../store/failure.ts";
import type { Chunk, ClockQuality, Outbox } from "../store/store.ts";
import { atTrueTimes, type TimeCorrection } from "../store/time-shift.ts";
import { History, sealedMax } from "./history.ts";
import { openHistory } from "./history-file.ts";
import type { PointRecord, RecordPage, ToldBy } from "./record.ts";
import { type PlanState, planRecord, type RecordCadence } from "./record-plan.ts";

/** Records wait for company this long: gateway.db has their samples, so that nothing is lost with the process. */
export const recordWriteEveryMs = 30_000;

/** How far the samples were read is noted at least this often, also where nothing became a record. */
const cursorEveryMs = 300_000;

/** Records that wait in memory. Beyond it they are dropped, and made anew from gateway.db when the disk takes them. */
export const recordsWaitingMax = 10_000;

/** Samples that one step of catching up reads: some ten milliseconds on a Raspberry Pi. */
export const catchUpSamplesMax = 5_000;

/** Pause after the disk refused. */
const retryMs = 10_000;

/**
 * Samples of a clock that was never set wait this long for their true time, because a record cannot be changed; gateway.db
 * has them meanwhile. Then, or when that boot is over, they are recorded at the time that the clock showed.
 */
export const unsetHeldMsMax = 7 * 86_400_000;

/**
 * Samples of a clock that may be right, but that nobody has compared since the machine started, wait while it is not up for
 * longer than this: a time server that is there at all is heard within minutes. After it they are recorded as they are, so
 * that a site without one has its records.
 */
export const startHeldMsMax = 15 * 60_000;

/** After the clock became synchronized the store needs so long at most to correct what was taken until then. */
export const correctingMsMax = 30_000;

/** Between two readings of the clocks it is some milliseconds; and what records are made under is kept once. */
const toldApartMs = 100;

/** How often days that are over are packed. */
const sealEveryMs = 600_000;

/** Records that one reading gives at most: two months at one every two minutes. */
export const recordsReadMax = 50_000;

export interface RecordSettings extends RecordCadence {
  readonly location?: string;
  readonly calibration?: string;
}

export interface RecordBookParts {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** This one: in earlier boots no clock is set any more. Absent: nothing waits for that. */
  readonly boot?: string;
  /** The regulated points. */
  readonly settings: ReadonlyMap<PointKey, RecordSettings>;
  /** The samples of gateway.db, from which everything here is made. */
  readonly outbox: Outbox;
  /** What was found out of the clock of this boot and of earlier ones; absent: nothing ever is. */
  readonly corrections?: () => readonly TimeCorrection[];
}

/**
 * The record of regulated points for years, in history.db. It follows gateway.db: what became durable there is planned
 * and written here with how far that was, in one transaction; a process that is killed in between, or a disk that
 * refuses for a while, makes it read on from there. Nothing here ever throws into the flow, or stops an alarm.
 */
export class RecordBook implements Disposable {
  readonly #parts: RecordBookParts;
  #history: History | undefined;
  #plans = new Map<PointKey, PlanState>();
  readonly #changed = new Set<PointKey>();
  #waiting: PointRecord[] = [];
  #epoch: string | undefined;
  /** The last sample that was planned. */
  #seq = 0;
  #behind = true;
  #distrusted = false;
  #lost: Problem | undefined;
  #problem: Problem | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  #writtenAt: number;
  #sealedAt = Number.NEGATIVE_INFINITY;
  /** By which clock the last doubtful sample was dated. */
  #told: ToldBy | undefined;
  /** Since when the clock is synchronized in this boot. */
  #synchronizedAt: number | undefined;

  /** Opens nothing yet: alarms come first. */
  constructor(parts: RecordBookParts) {
    this.#parts = parts;
    this.#writtenAt = parts.clock.monotonicMs();
  }

  /** What is wrong with the disk now, or was with the file at its opening. */
  get problem(): Problem | undefined {
    return this.#problem ?? this.#lost;
  }

  /** Whether every sample that is in gateway.db is planned or on record here. */
  get isCaughtUp(): boolean {
    return this.#history !== undefined && !this.#behind;
  }

  /** To be called after each commit, with what it made durable. @param live Those that are of now; the others are late. */
  committed(
    samples: readonly Sample[],
    clock: ClockQuality,
    live: readonly Sample[] = samples,
  ): void {
    if (clock === "synchronized") this.#synchronizedAt ??= this.#parts.clock.monotonicMs();
    if (samples.length === 0 || this.#behind) return;
    const { outbox } = this.#parts;
    const head = outbox.head("samples");
    // By which clock it was dated, and whether it has to wait, gateway.db knows.
    if (
      clock !== "synchronized" ||
      outbox.epoch !== this.#epoch ||
      head - samples.length !== this.#seq
    ) {
      this.#behind = true;
      return;
    }
    const inTime = live.length < samples.length ? new Set(live) : undefined;
    for (const sample of samples) {
      this.#plan(sample, clock, inTime !== undefined && !inTime.has(sample));
    }
    this.#seq = head;
    this.#boundWaiting();
  }

  /** Once a second or so: opens, catches up, writes what waits, packs what is over. */
  step(): void {
    const { clock } = this.#parts;
    const mono = clock.monotonicMs();
    if (mono < this.#retryAt) return;
    this.#guarded(() => {
      const history = this.#opened();
      if (this.#behind) this.#catchUp(history);
      history.correct(this.#parts.corrections?.() ?? [], clock.now());
      const waited = mono - this.#writtenAt;
      const due = this.#waiting.length > 0 ? recordWriteEveryMs : cursorEveryMs;
      if (waited >= due) this.#write(history);
      if (mono - this.#sealedAt >= sealEveryMs && history.seal(clock.now()) < sealedMax) {
        this.#sealedAt = mono;
      }
      this.#problem = undefined;
    });
  }

  /** Writes what waits; for the end of the process. */
  flush(): void {
    this.#guarded(() => {
      const history = this.#opened();
      while (this.#behind && this.#catchUp(history));
      this.#write(history);
      this.#problem = undefined;
    });
  }

  /**
   * Records of a point within `from..to`, oldest first, at most `limit` (and `recordsReadMax`).
   * @throws RackwatchError `store/...` when history.db cannot be read.
   */
  readRecords(point: PointKey, from: EpochMs, to: EpochMs, limit = recordsReadMax): RecordPage {
    const most = Math.min(limit, recordsReadMax);
    try {
      const history = this.#opened();
      const page = history.read(point, from, to, most);
      const waiting = this.#waiting.map((record) => history.dated(record));
      const fresh = waiting.filter(
        (record) => record.point === point && record.at >= from && record.at <= to,
      );
      if (fresh.length === 0) return page;
      const known = new Map([...fresh, ...page.records].map((record) => [record.at, record]));
      const records = [...known.values()].sort((left, right) => left.at - right.at);
      const complete = page.complete && records.length <= most;
      return { ...page, records: records.slice(0, most), complete };
    } catch (error) {
      throw storeError(error, this.#parts.dir);
    }
  }

  /**
   * Deletes whole segments older than a point is to be kept; call it once a day while the clock can be believed.
   * @param keepForMs Of each point; those that are no longer configured have the longest of all.
   * @param audit Puts it on record before anything goes. When it throws, everything stays.
   */
  retire(
    keepForMs: (point: PointKey) => number,
    audit: (body: Readonly<Record<string, unknown>>) => void,
  ): void {
    this.#guarded(() => {
      const now = this.#parts.clock.now();
      const history = this.#opened();
      for (const point of history.points()) {
        history.retire(point, now - keepForMs(point), now, (gone) =>
          audit({ do: "records-retired", point, ...gone }),
        );
      }
    });
  }

  [Symbol.dispose](): void {
    this.#history?.close();
    this.#history = undefined;
  }

  /** @param isLate Undefined: read from gateway.db, which tells only the order in which samples came. */
  #plan(
    sample: Sample,
    clock: ClockQuality,
    isLate?: boolean,
    dated: Pick<PointRecord, "correctedMs" | "told"> = {},
  ): void {
    const { point, sampledAt: at, quality, raw } = sample;
    const settings = this.#parts.settings.get(point);
    if (settings === undefined) return;
    const given = sample.quality === "bad" ? undefined : sample.value;
    const value = typeof given === "number" ? given : undefined;
    const before = this.#plans.get(point);
    const late = isLate ?? (before !== undefined && at < before.readAt);
    const { record, state } = planRecord(before, at, value, settings);
    this.#plans.set(point, state);
    this.#changed.add(point);
    if (!record) return;
    const { location, calibration } = settings;
    const reason = sample.quality === "good" ? undefined : sample.reason;
    this.#waiting.push({
      ...{ point, at, place: state.place, quality, clock },
      ...(value !== undefined && { value }),
      ...(raw !== undefined && { raw }),
      ...(reason !== undefined && { reason }),
      ...(location !== undefined && { location }),
      ...(calibration !== undefined && { calibration }),
      ...(late && { late }),
      ...dated,
    });
  }

  #opened(): History {
    const { dir, clock } = this.#parts;
    const open = this.#history;
    if (open !== undefined) return open;
    const { db, problem } = openHistory(dir, clock.now(), this.#distrusted);
    this.#distrusted = false;
    if (problem !== undefined) {
      this.#lost = problem;
      this.#parts.log.error("record.reborn", { code: problem.code, message: problem.message });
    }
    this.#history = new History(db);
    this.#rewind(this.#history);
    return this.#history;
  }

  /** Back to what is on disk: what waited will be made again from gateway.db. */
  #rewind(history: History): void {
    const { outbox } = this.#parts;
    this.#epoch = outbox.epoch;
    this.#seq = history.cursor(this.#epoch)?.seq ?? 0;
    this.#plans = new Map(history.plans());
    this.#changed.clear();
    this.#waiting = [];
    this.#behind = true;
  }

  /** @returns whether it came further. */
  #catchUp(history: History): boolean {
    const { outbox, log } = this.#parts;
    if (outbox.epoch !== this.#epoch) {
      // Another database has other samples under the same numbers; records that exist are passed over.
      if (this.#epoch !== undefined) this.#write(history);
      this.#rewind(history);
    }
    const read = outbox.read("samples", this.#seq, catchUpSamplesMax);
    const held = read.findIndex((chunk) => this.#isHeld(chunk));
    const chunks = held === -1 ? read : read.slice(0, held);
    for (const chunk of chunks) {
      if (chunk.firstSeq > this.#seq + 1 && this.#seq > 0) {
        log.warn("record.samples-gone", { afterSeq: this.#seq, firstSeq: chunk.firstSeq });
      }
      try {
        const skipped = Math.max(0, this.#seq + 1 - chunk.firstSeq);
        const samples = atTrueTimes(chunk, readSamples(chunk)).filter(
          (_, index) => (chunk.kept?.[index] ?? index) >= skipped,
        );
        const { quality } = chunk.clock;
        const dated = this.#dated(chunk);
        for (const sample of samples) this.#plan(sample, quality, undefined, dated);
      } catch (error) {
        if (!(error instanceof RackwatchError)) throw error;
        log.error("record.chunk-damaged", { firstSeq: chunk.firstSeq, message: error.message });
      }
      this.#seq = chunk.lastSeq;
    }
    const head = outbox.head("samples");
    if (read.length === 0) this.#seq = head;
    if (this.#seq >= head) this.#behind = false;
    // Who is not behind any more writes in company, as at other times.
    if (this.#waiting.length > 0 && this.#behind) this.#write(history);
    return chunks.length > 0 || !this.#behind;
  }

  /** What was known of the clock when these were dated. */
  #dated({ clock, shiftMs }: Chunk): Pick<PointRecord, "correctedMs" | "told"> {
    if (shiftMs !== undefined) return { correctedMs: Math.round(shiftMs / 1_000) * 1_000 };
    if (clock.quality === "synchronized") return {};
    const { boot, offsetMs } = clock;
    const isSame =
      this.#told?.boot === boot && Math.abs(this.#told.offsetMs - offsetMs) < toldApartMs;
    if (!isSame) this.#told = { boot, offsetMs };
    return this.#told === undefined ? {} : { told: this.#told };
  }

  #isHeld({ clock, shiftMs, lastAt }: Chunk): boolean {
    if (clock.quality === "synchronized" || shiftMs !== undefined) return false;
    if (clock.boot !== this.#parts.boot) return false;
    if (clock.quality === "unsynchronized") return this.#isStarting();
    const ageMs = this.#parts.clock.monotonicMs() - (lastAt - clock.offsetMs);
    return ageMs <= unsetHeldMsMax;
  }

  /** Whether what the clock showed until now may still turn out to be wrong. */
  #isStarting(): boolean {
    const mono = this.#parts.clock.monotonicMs();
    if (this.#synchronizedAt === undefined) return mono < startHeldMsMax;
    return mono < this.#synchronizedAt + correctingMsMax;
  }

  #write(history: History): void {
    const { clock } = this.#parts;
    if (this.#epoch === undefined) return;
    const plans = new Map(
      [...this.#changed].flatMap((point): [PointKey, PlanState][] => {
        const state = this.#plans.get(point);
        return state === undefined ? [] : [[point, state]];
      }),
    );
    history.write(this.#waiting, plans, { epoch: this.#epoch, seq: this.#seq });
    this.#waiting = [];
    this.#changed.clear();
    this.#writtenAt = clock.monotonicMs();
  }

  #boundWaiting(): void {
    if (this.#waiting.length <= recordsWaitingMax) return;
    this.#waiting = [];
    this.#close();
  }

  /** The next opening rewinds to what is on disk. */
  #close(): void {
    this.#behind = true;
    try {
      this.#history?.close();
    } catch (error) {
      this.#parts.log.warn("record.close", { err: error });
    }
    this.#history = undefined;
  }

  #guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      const problem = problemOf(storeError(error, this.#parts.dir), "store/io");
      this.#problem = problem;
      this.#retryAt = this.#parts.clock.monotonicMs() + retryMs;
      this.#distrusted = problem.code === "store/corrupt";
      if (problem.code !== "store/full") this.#close();
      this.#parts.log.error("record.refused", { code: problem.code, message: problem.message });
    }
  }
}
