import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { EpochMs, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { readEvents, readSamples } from "../store/chunk.ts";
import { ChunkLog, type ChunkSpan } from "../store/chunk-log.ts";
import { databaseName } from "../store/database.ts";
import { readerError } from "../store/outbox.ts";
import { StateTable } from "../store/state-table.ts";
import type { ClockQuality, GatewayEvent } from "../store/store.ts";
import { atTrueTimes, eventsAtTrueTimes } from "../store/time-shift.ts";
import { lookBackMs, type ReadingSink, sliceReadingsMax } from "./reading.ts";

/** Chunks of events that one report unpacks. Beyond it the newest are missing, and the report says so. */
const eventChunksMax = 50_000;

/** Spans of chunks that are looked at together. */
const spansMax = 2_000;

/** Chunks that stay unpacked, because a dense one touches several slices. */
const unpackedMax = 8;

/** Length of a slice of samples; shortened where more than `sliceReadingsMax` rows lie in it. */
const sliceMs = 3_600_000;

/** How long a read waits for the gateway, which writes for some milliseconds at a time. */
const busyMs = 5_000;

/** An event with the boot in which it was written. */
export interface LoggedEvent {
  readonly seq: number;
  readonly boot: string;
  readonly event: GatewayEvent;
}

interface Row {
  readonly seq: number;
  readonly clock: ClockQuality;
  readonly shiftMs: number | undefined;
  readonly sample: Sample;
}

/** gateway.db, read beside the gateway or without it: samples, events and state. No statement stays open. */
export class LogReader implements Disposable {
  readonly #file: string;
  readonly #db: Database.Database | undefined;
  readonly #unpacked = new Map<number, readonly Row[]>();

  /** @throws RackwatchError `store/...` when there is a gateway.db that cannot be read. */
  constructor(dir: string) {
    this.#file = join(dir, databaseName);
    if (!existsSync(this.#file)) return;
    try {
      this.#db = new Database(this.#file, { readonly: true, timeout: busyMs });
      this.#db.prepare("SELECT first_seq FROM event_chunk LIMIT 1").get();
    } catch (error) {
      throw readerError(error, this.#file);
    }
  }

  /** Whether there is a database at all. */
  get exists(): boolean {
    return this.#db !== undefined;
  }

  /**
   * Events since `from`, in the order of the log, as far as its first chunks were not deleted.
   * @returns since when there are events, and whether all could be read.
   */
  events(from: EpochMs, take: (event: LoggedEvent) => void): { since?: EpochMs; whole: boolean } {
    return (
      this.#guarded((log) => {
        let after = 0;
        let read = 0;
        let since: EpochMs | undefined;
        let whole = true;
        let before: number | undefined;
        for (;;) {
          const spans = log.spans("events", after, spansMax);
          for (const { firstSeq, lastSeq, firstAt, lastAt } of spans) {
            after = lastSeq;
            if (firstSeq > 1) since ??= firstAt;
            if (lastAt < from) {
              before = firstSeq;
              continue;
            }
            if (read >= eventChunksMax) {
              whole = false;
              continue;
            }
            // The last ones before the period say in which boot it begins.
            if (before !== undefined) this.#unpackEvents(log, before, take);
            before = undefined;
            read += 1;
            whole = this.#unpackEvents(log, firstSeq, take) && whole;
          }
          if (spans.length < spansMax) return { whole, ...(since !== undefined && { since }) };
        }
      }) ?? { whole: true }
    );
  }

  /** Samples of some points in order of their time; each point's own sink gets them. */
  samples(
    wanted: ReadonlyMap<PointKey, ReadingSink & { late(seq: number): void }>,
    from: EpochMs,
    to: EpochMs,
  ): void {
    if (wanted.size === 0) return;
    this.#guarded((log) => {
      let begin = from - lookBackMs;
      while (begin < to) {
        const [end, spans] = this.#slice(log, begin, to);
        const rows = spans.flatMap(({ firstSeq }) =>
          this.#rows(log, firstSeq, wanted).filter(
            ({ sample }) => sample.sampledAt >= begin && sample.sampledAt < end,
          ),
        );
        rows.sort((left, right) => left.sample.sampledAt - right.sample.sampledAt);
        for (const { seq, clock, shiftMs, sample } of rows) {
          const sink = wanted.get(sample.point);
          sink?.late(seq);
          sink?.take(readingOf(sample, clock, shiftMs));
        }
        begin = end;
      }
    });
  }

  /** State by key, as plain JSON. */
  state(prefix: string): ReadonlyMap<string, unknown> {
    return this.#guarded((_, db) => new StateTable(db).read(prefix)) ?? new Map<string, unknown>();
  }

  [Symbol.dispose](): void {
    this.#db?.close();
  }

  #slice(log: ChunkLog, begin: EpochMs, to: EpochMs): [end: EpochMs, spans: readonly ChunkSpan[]] {
    for (let ms = sliceMs; ; ms /= 2) {
      const end = Math.min(begin + ms, to);
      const spans = log.samplesWithin(begin, end, log.denseThrough(), spansMax);
      const rows = spans.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
      if ((rows <= sliceReadingsMax && spans.length < spansMax) || ms <= 1_000) return [end, spans];
    }
  }

  #rows(log: ChunkLog, firstSeq: number, wanted: ReadonlyMap<PointKey, unknown>): readonly Row[] {
    const known = this.#unpacked.get(firstSeq);
    if (known !== undefined) return known;
    const rows = log.parts("samples", firstSeq).flatMap((part): Row[] => {
      const samples = readable(() => atTrueTimes(part, readSamples(part))) ?? [];
      return samples.flatMap((sample, index) => {
        if (!wanted.has(sample.point)) return [];
        const seq = part.firstSeq + (part.kept?.[index] ?? index);
        const { clock, shiftMs } = part;
        return [{ seq, clock: clock.quality, shiftMs, sample }];
      });
    });
    this.#unpacked.set(firstSeq, rows);
    const [oldest] = this.#unpacked.keys();
    if (this.#unpacked.size > unpackedMax && oldest !== undefined) this.#unpacked.delete(oldest);
    return rows;
  }

  #unpackEvents(log: ChunkLog, firstSeq: number, take: (event: LoggedEvent) => void): boolean {
    const chunk = log.chunk("events", firstSeq);
    if (chunk === undefined) return true;
    const events = readable(() => eventsAtTrueTimes(chunk, readEvents(chunk)));
    for (const [index, event] of (events ?? []).entries()) {
      take({ seq: firstSeq + index, boot: chunk.clock.boot, event });
    }
    return events !== undefined;
  }

  #guarded<Result>(body: (log: ChunkLog, db: Database.Database) => Result): Result | undefined {
    if (this.#db === undefined) return undefined;
    try {
      return body(new ChunkLog(this.#db), this.#db);
    } catch (error) {
      throw readerError(error, this.#file);
    }
  }
}

/** Undefined: the chunk does not match its hash. */
function readable<Rows>(read: () => Rows): Rows | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") return undefined;
    throw error;
  }
}

function readingOf(sample: Sample, clock: ClockQuality, shiftMs: number | undefined) {
  const { sampledAt: at, quality, raw } = sample;
  const reason = sample.quality === "good" ? undefined : sample.reason;
  return {
    ...{ at, quality, clock, late: false },
    ...(sample.quality !== "bad" && { value: sample.value }),
    ...(raw !== undefined && { raw }),
    ...(reason !== undefined && { reason }),
    ...(shiftMs !== undefined && { correctedMs: Math.round(shiftMs / 1_000) * 1_000 }),
  };
}
