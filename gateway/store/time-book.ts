import type Database from "better-sqlite3";
import { z } from "zod";
import { readMeta, writeMeta } from "./meta.ts";
import {
  type ClockCorrection,
  type ClockMark,
  type Commit,
  type GatewayEvent,
  type Lane,
  lanes,
} from "./store.ts";
import { sameClockMs, type TimeCorrection } from "./time-shift.ts";

/** Chunks of a lane whose times one step corrects: some ten milliseconds on a card. */
export const correctedChunksMax = 200;

/**
 * A quartz drifts no further. After a while without a time server a clock may be off by this much of it, evenly grown, and
 * rows from the beginning of that while are right: to shift them all would make them worse.
 */
const driftShareMax = 500e-6;

/** Corrections that are remembered, for whoever made something of rows at the times that they had before. */
export const correctionsKept = 32;

/** Settings of a clock in doubt that are told apart: nobody sets one oftener by hand. Later ones count as the last. */
export const wrongClocksMax = 16;

const key = "times";

const spanSchema = z.object({ events: z.number(), samples: z.number() });

const doubtSchema = z.object({
  boot: z.string(),
  /** The clock was never set while they were written. */
  isUnset: z.boolean(),
  /** First rows of it. */
  from: spanSchema,
  offsetMsMin: z.number(),
  offsetMsMax: z.number(),
  /** Monotonic time at which the clock was last known to be right in that boot. */
  rightAt: z.number().optional(),
  /** As it was set while they were written, each from then on. */
  clocks: z.array(z.object({ offsetMs: z.number(), fromMono: z.number() })).default([]),
});

type Doubt = z.infer<typeof doubtSchema>;

const correctionSchema = z.object({
  boot: z.string(),
  offsetMs: z.number(),
  from: spanSchema,
  through: spanSchema,
  /** Rows up to these are done. */
  done: spanSchema,
  /** When it was found out. */
  mono: z.number().default(0),
  clocks: z
    .array(z.object({ offsetMs: z.number(), fromMono: z.number(), throughMono: z.number() }))
    .default([]),
});

/** What was found out of the times of a boot, and how far it went into the chunks. */
export type Correction = z.infer<typeof correctionSchema> & TimeCorrection;

const timesSchema = z.object({
  doubt: doubtSchema.optional(),
  corrections: z.array(correctionSchema),
});
type Times = z.infer<typeof timesSchema>;

const tables: Readonly<Record<Lane, string>> = { events: "event_chunk", samples: "sample_chunk" };

interface Next {
  readonly times: Times;
  readonly event?: GatewayEvent;
}

/**
 * Rows whose times are in doubt, and what became of them. A boot begins in doubt where the clock is not synchronized; when
 * it is, later in that boot, and was wrong, the chunks get what they lack. Boots that never learn the time stay as they are.
 */
export class TimeBook {
  readonly #db: Database.Database;
  #times: Times;
  #rightAt: { readonly boot: string; readonly mono: number } | undefined;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#times = readTimes(db);
  }

  /** What this commit changes; an event when it says how wrong the times were. Nothing is written yet. */
  next(commit: Commit, heads: Readonly<Record<Lane, number>>, mono: number): Next {
    const { clock } = commit;
    const { doubt, corrections } = this.#times;
    // Without a row there is nothing to be in doubt of, nor a time to say it at.
    if (commit.samples.length + commit.events.length === 0) return { times: this.#times };
    const own = doubt?.boot === clock.boot ? doubt : undefined;
    // A clock that was never set is corrected by the first one that is, whoever set it: not even the year was right.
    const isSet = own?.isUnset === true && clock.quality === "unsynchronized";
    if (clock.quality === "synchronized" || isSet) {
      if (own === undefined) return { times: this.#times };
      const doubtful = isSet ? { doubt: this.#newDoubt(clock, heads, mono) } : {};
      if (!isWrong(own, clock, mono)) return { times: { ...doubtful, corrections } };
      return this.#corrected(own, clock, heads, mono, doubtful);
    }
    const doubtful =
      own === undefined ? this.#newDoubt(clock, heads) : this.#stillDoubtful(own, clock, mono);
    return doubtful === doubt
      ? { times: this.#times }
      : { times: { doubt: doubtful, corrections } };
  }

  #corrected(
    { boot, from, clocks: set }: Doubt,
    { offsetMs }: ClockMark,
    heads: Readonly<Record<Lane, number>>,
    mono: number,
    doubtful: Pick<Times, "doubt">,
  ): Next {
    const through = { events: heads.events, samples: heads.samples };
    const done = { events: from.events - 1, samples: from.samples - 1 };
    const clocks = set.map((clock, index) => ({
      ...clock,
      throughMono: set[index + 1]?.fromMono ?? mono,
    }));
    const correction: Correction = { boot, offsetMs, from, through, done, mono, clocks };
    const rows = {
      events: [from.events, through.events],
      samples: [from.samples, through.samples],
    } as const;
    const body: ClockCorrection = { correction: { boot, offsetMs, rows } };
    const corrections = [...this.#times.corrections, correction].slice(-correctionsKept);
    return {
      times: { ...doubtful, corrections },
      event: { kind: "clock", at: mono + offsetMs, mono, body: { ...body } },
    };
  }

  /** Within the commit's transaction. @returns what `wrote` is to be told when it is on disk. */
  write({ times, event }: Next): Times {
    if (times === this.#times) return times;
    const written = event === undefined ? times : this.#advanceAll(times);
    save(this.#db, written);
    return written;
  }

  wrote(times: Times, clock: ClockMark, mono: number): void {
    this.#times = times;
    if (clock.quality === "synchronized") this.#rightAt = { boot: clock.boot, mono };
  }

  /** As the database has it, after a transaction whose end is not known. */
  reread(): void {
    this.#times = readTimes(this.#db);
  }

  /** What was found out so far, oldest first. */
  get corrections(): readonly Correction[] {
    return this.#times.corrections;
  }

  /** Whether chunks still have to be corrected. */
  get isBehind(): boolean {
    return this.#times.corrections.some(isOpen);
  }

  /** Corrects some chunks of each lane, within the caller's transaction. */
  step(): void {
    const times = this.#advanceAll(this.#times);
    save(this.#db, times);
    this.#times = times;
  }

  #advanceAll(times: Times): Times {
    const corrections = times.corrections.map((correction) =>
      isOpen(correction) ? this.#advance(correction) : correction,
    );
    return { ...times, corrections };
  }

  /** @param setAt When the clock was set to what it shows; absent: it showed that since it was last right, or since the start. */
  #newDoubt(
    { boot, offsetMs, quality }: ClockMark,
    heads: Readonly<Record<Lane, number>>,
    setAt?: number,
  ): Doubt {
    const rightAt = this.#rightAt?.boot === boot ? this.#rightAt.mono : undefined;
    return {
      boot,
      isUnset: quality === "unset",
      from: { events: heads.events + 1, samples: heads.samples + 1 },
      offsetMsMin: offsetMs,
      offsetMsMax: offsetMs,
      ...(rightAt !== undefined && { rightAt }),
      clocks: [{ offsetMs, fromMono: setAt ?? rightAt ?? 0 }],
    };
  }

  #stillDoubtful(own: Doubt, { offsetMs }: ClockMark, mono: number): Doubt {
    const last = own.clocks.at(-1);
    const isSet = last !== undefined && Math.abs(offsetMs - last.offsetMs) > sameClockMs;
    // A slewed clock would have it written with each commit.
    const isInside =
      offsetMs > own.offsetMsMin - sameClockMs / 10 &&
      offsetMs < own.offsetMsMax + sameClockMs / 10;
    if (isInside && !isSet) return own;
    return {
      ...own,
      offsetMsMin: Math.min(offsetMs, own.offsetMsMin),
      offsetMsMax: Math.max(offsetMs, own.offsetMsMax),
      ...(isSet &&
        own.clocks.length < wrongClocksMax && {
          clocks: [...own.clocks, { offsetMs, fromMono: mono }],
        }),
    };
  }

  #advance(correction: Correction): Correction {
    const done = { ...correction.done };
    for (const lane of lanes) done[lane] = this.#advanceLane(correction, lane);
    return { ...correction, done };
  }

  #advanceLane({ boot, offsetMs, through, done }: Correction, lane: Lane): number {
    const last = this.#db
      .prepare<[number, number, number], { last: number | null }>(
        `SELECT max(last_seq) AS last FROM (SELECT last_seq FROM ${tables[lane]}
           WHERE first_seq > ? AND first_seq <= ? ORDER BY first_seq LIMIT ?)`,
      )
      .get(done[lane], through[lane], correctedChunksMax)?.last;
    if (last === null || last === undefined) return through[lane];
    this.#db
      .prepare(
        `UPDATE ${tables[lane]} SET shift_ms = @offsetMs - offset_ms,
           first_at = CASE WHEN first_at < offset_ms THEN min(first_at, @offsetMs)
             ELSE first_at + @offsetMs - offset_ms END,
           last_at = CASE WHEN last_at < offset_ms THEN last_at
             WHEN first_at < offset_ms THEN max(last_at + @offsetMs - offset_ms, offset_ms)
             ELSE last_at + @offsetMs - offset_ms END
         WHERE first_seq > @after AND first_seq <= @last AND boot = @boot
           AND clock_quality <> 'synchronized' AND shift_ms IS NULL
           AND abs(@offsetMs - offset_ms) > @sameClockMs`,
      )
      .run({ offsetMs, boot, after: done[lane], last, sameClockMs });
    return last;
  }
}

/** Corrections that stand in a database, oldest first, whoever has it open. */
export function readCorrections(db: Database.Database): readonly Correction[] {
  return readTimes(db).corrections;
}

export function isOpen({ done, through }: Correction): boolean {
  return lanes.some((lane) => done[lane] < through[lane]);
}

/** A clock that ran free after it was right may be off by its drift, and is not called wrong for that. */
function isWrong(
  { offsetMsMin, offsetMsMax, rightAt }: Doubt,
  { offsetMs }: ClockMark,
  mono: number,
): boolean {
  const driftMs = rightAt === undefined ? 0 : Math.max(0, mono - rightAt) * driftShareMax;
  const offMs = Math.max(offsetMs - offsetMsMin, offsetMsMax - offsetMs);
  return offMs > sameClockMs + driftMs;
}

function readTimes(db: Database.Database): Times {
  const text = readMeta(db, key);
  return text === undefined ? { corrections: [] } : timesSchema.parse(JSON.parse(text));
}

function save(db: Database.Database, times: Times): void {
  writeMeta(db, key, JSON.stringify(times));
}
