/**
 * What the model's machines say and keep. It restates the rules of the sync without the product's code, so that both can
 * be wrong only in different ways. Everything is plain data: a world is copied, compared and printed as JSON.
 */

export const lanes = ["events", "samples"] as const;
export type Lane = (typeof lanes)[number];
export type PerLane<T> = Record<Lane, T>;

export const each = <T>(of: (lane: Lane) => T): PerLane<T> => ({
  events: of("events"),
  samples: of("samples"),
});

/** wall = mono + offset. */
export interface ClockMark {
  readonly boot: number;
  readonly offset: number;
  readonly synchronized: boolean;
}

/** What the times of a boot should have been taken with, until this was said; `samples`: how many there were by then. */
export interface Correction {
  readonly boot: number;
  readonly offset: number;
  readonly samples: number;
}

/** One measurement or happening. `content` is what it really was: no two are alike, whatever their numbers. */
export interface Row {
  readonly seq: number;
  readonly content: number;
  readonly at: number;
  readonly clock: ClockMark;
  /** A `clock` event: what the times of a boot should have been taken with. */
  readonly corrects?: Correction;
  /** `reject`: central cannot store this row. `refuse`: central refuses every batch that holds it. */
  readonly poison?: "reject" | "refuse";
}

export interface Ancestor extends PerLane<number> {
  readonly epoch: string;
}

export type Request =
  | { readonly kind: "hello"; readonly epoch: string; readonly ancestors: readonly Ancestor[] }
  | {
      readonly kind: "snapshot";
      readonly epoch: string;
      readonly heads: PerLane<number>;
      readonly newest: number;
    }
  | {
      readonly kind: "batch";
      readonly epoch: string;
      readonly lane: Lane;
      readonly first: number;
      readonly last: number;
      /** Those of the numbers that were not thinned out. */
      readonly rows: readonly Row[];
      /** Events: the chain before the first row. */
      readonly chain: number;
    }
  | {
      readonly kind: "gap";
      readonly epoch: string;
      readonly lane: Lane;
      readonly first: number;
      readonly last: number;
      readonly reason: GapReason;
    };
export type GapReason = "not-in-store" | "corrupt" | "refused" | "thinned";

export type Reply =
  | { readonly kind: "welcome"; readonly epoch: string; readonly marks: PerLane<number> }
  | { readonly kind: "ack"; readonly epoch: string; readonly lane: Lane; readonly mark: number }
  | { readonly kind: "noticed" }
  | { readonly kind: "gap"; readonly mark: number }
  | { readonly kind: "epoch-fenced" | "unknown-epoch" | "conflict" | "bad-batch" };

/** Each rule that can be broken, to see that breaking it is found. */
export interface Rules {
  /** Central skips what is at or below its mark. */
  readonly dedupe: boolean;
  /** The cursor follows central's mark, not the batch that was sent. */
  readonly followsMark: boolean;
  /** A database that is born anew or restored goes on under another epoch. */
  readonly epochs: boolean;
  /** Intervals are measured by the monotonic clock. */
  readonly monotonic: boolean;
  /** Central commits, then answers. */
  readonly commitsFirst: boolean;
  /** The cursor follows a mark backwards too. */
  readonly rewinds: boolean;
  /** An epoch begins where central is in the rows that it shares. */
  readonly ancestors: boolean;
  /** ... whoever of the epochs that share them brought them. */
  readonly relatives: boolean;
  /** An epoch that another one named as its ancestor is over, also when it was never heard of. */
  readonly namesPast: boolean;
  /** A snapshot moves no mark. */
  readonly snapshotKeepsMarks: boolean;
  /** What is newest moves only forward. */
  readonly newestForward: boolean;
  /** What remains after thinning keeps its number. */
  readonly keepsNumbers: boolean;
  /** An epoch closes the ones before it. */
  readonly fences: boolean;
  /** Only a hello begins an epoch. */
  readonly helloBegins: boolean;
  /** ... also where the first row of all comes. */
  readonly firstRowWaits: boolean;
  /** Events before samples. */
  readonly eventsFirst: boolean;
  /** Samples go at least after each `eventRunMax` batches of events. */
  readonly samplesGetTurns: boolean;
  /** Rows of a corrected boot that come after the correction are corrected as well. */
  readonly correctsLateRows: boolean;
}

export const sound: Rules = {
  dedupe: true,
  followsMark: true,
  epochs: true,
  monotonic: true,
  commitsFirst: true,
  rewinds: true,
  ancestors: true,
  relatives: true,
  namesPast: true,
  snapshotKeepsMarks: true,
  newestForward: true,
  keepsNumbers: true,
  fences: true,
  helloBegins: true,
  firstRowWaits: true,
  eventsFirst: true,
  samplesGetTurns: true,
  correctsLateRows: true,
};

/** Batches of events in a row after which one of samples goes. */
export const eventRunMax = 8;

/** The chain's hash after one more row. */
export const chained = (before: number, content: number): number =>
  (Math.imul(before ^ (content + 1), 0x01_00_01_93) >>> 0) + 1;
