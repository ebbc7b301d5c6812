import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { AuditDraft, AuditEntry, AuditHead } from "../audit/entry.ts";
import type { AuditPage, AuditSearch } from "../audit/search.ts";
import type { MovementPage, MovementQuery } from "../panel/stock-api.ts";
import type { Movement } from "../stock/movement.ts";
import type { MovementHour, MovementSum } from "./movement-table.ts";

/** An ordered stream of the outbox; `events` go before `samples`. */
export type Lane = "events" | "samples";

export const lanes: readonly Lane[] = ["events", "samples"];

/** How far the wall clock can be believed. `unset`: before this program was built, as on a Pi without RTC. */
export type ClockQuality = "synchronized" | "unsynchronized" | "unset";

/** Ties wall-clock times to the monotonic clock of one boot: utc = monotonic + offsetMs. */
export interface ClockMark {
  readonly boot: string;
  readonly offsetMs: number;
  readonly quality: ClockQuality;
}

export const eventKinds = [
  "alarm",
  "boot",
  "config",
  "clock",
  "gap",
  "audit",
  "excursion",
  "push",
  "calibration",
  "movement",
  "stock",
  "revision",
  "command",
  "configuration",
] as const;

/** Whatever happened that is not a sample: alarm transitions, acknowledgements, boots, gaps, logins. */
export interface GatewayEvent {
  readonly kind: (typeof eventKinds)[number];
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
  /** Plain JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An event as another version may have written it: of a kind that this one never heard of. */
export interface SentEvent extends Omit<GatewayEvent, "kind"> {
  readonly kind: string;
}

/** What becomes durable together, in one transaction, or not at all. */
export interface Commit {
  readonly clock: ClockMark;
  readonly samples: readonly Sample[];
  readonly events: readonly GatewayEvent[];
  /** Lines for the audit trail. */
  readonly audit?: readonly AuditDraft[];
  /** Lines for the ledger. Their events are among `events`, and the stock that they make is in `state`. */
  readonly movements?: readonly Movement[];
  /** State by key (`alarm/<rule>`, `rule/<rule>`, `user/<name>`, ...) as plain JSON; undefined deletes. */
  readonly state: ReadonlyMap<string, unknown>;
}

/** The rows of one lane that one commit made durable, as stored: compressed, columnar, hashed. */
export interface Chunk {
  readonly lane: Lane;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly clock: ClockMark;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** SHA-256 of `payload`, hex. */
  readonly hash: string;
  readonly payload: Uint8Array;
  /** Events only: hash of the chain before the chunk's first row (`chain.ts`). */
  readonly chainBefore?: string;
  /**
   * Samples only, after thinning: place of each remaining row, ascending, 0 for the one numbered `firstSeq`. Absent: every
   * number has its row.
   */
  readonly kept?: readonly number[];
  /** What the times of its rows lack, found when the clock was set later in that boot; add it. Payloads stay as they are. */
  readonly shiftMs?: number;
}

/** Rows up to these numbers were written under an epoch that this database had before. */
export interface Ancestor {
  readonly epoch: string;
  readonly events: number;
  readonly samples: number;
}

/** Body of the `clock` event that says how wrong the times of a boot were, up to that event. */
export interface ClockCorrection {
  readonly correction: {
    readonly boot: string;
    /** utc = monotonic + offsetMs, as the clock says since it is synchronized. */
    readonly offsetMs: number;
    /** First and last row of each lane that may be wrong; of these, rows of that boot under a clock that was not synchronized are. */
    readonly rows?: Readonly<Record<Lane, readonly [first: number, last: number]>>;
  };
}

export interface LaneStatus {
  /** Highest sequence number that the store gave out; 0 before the first row. */
  readonly head: number;
  /** Highest sequence number that central confirmed. */
  readonly cursor: number;
  readonly backlog: number;
  /** Time of the oldest row that is not confirmed. */
  readonly oldestAt?: EpochMs;
}

export interface Outbox {
  /**
   * Changes whenever the database is born anew; sequence numbers are unique within it. Empty while there is no database.
   * Asking for it also looks for a new database: `read` and `head` then belong to the epoch that was last asked for.
   */
  readonly epoch: string;
  /** Whole chunks that hold rows after `afterSeq`, oldest first, up to about `rowsMax` rows and at least one chunk. */
  read(lane: Lane, afterSeq: number, rowsMax: number): readonly Chunk[];
  head(lane: Lane): number;
  /** Lowest number that is still there; head + 1 when none is. */
  first(lane: Lane): number;
  /** Epochs that this database had before, newest first: it was restored, or its card is in another machine. */
  ancestors(): readonly Ancestor[];
  /** Where the audit trail ends, to be kept by somebody else; undefined: there is none yet. */
  auditHead(): AuditHead | undefined;
}

/** A sample with its number. */
export interface NumberedSample {
  readonly seq: number;
  readonly sample: Sample;
}

/** What is true now, of one commit: the newest samples of the points, and how alarms stand. */
export interface StoreSnapshot {
  readonly heads: Readonly<Record<Lane, number>>;
  /** Clock mark of the newest sample. */
  readonly clock?: ClockMark;
  /** Newest sample of each point, by rising number. */
  readonly samples: readonly NumberedSample[];
  /** Saved alarms by the id of their rule, as `gateway/alarms/alarm-state.ts` writes them. */
  readonly alarms: ReadonlyMap<string, unknown>;
}

/** The outbox as the agent sees it from its own process. */
export interface AgentOutbox extends Outbox {
  /** What is true now; samples only as far as they are numbered after `afterSeq`, and at most `snapshotRowsMax` rows back. */
  snapshot(afterSeq: number): StoreSnapshot;
  /** Fingerprint of the hardware that the database was last opened on; undefined: none is on record. */
  machine(): string | undefined;
  /** When the gateway last wrote, milliseconds since 1970 by this machine's clock. */
  aliveAt(): EpochMs | undefined;
}

export interface HistoryRow {
  readonly sampledAt: EpochMs;
  readonly quality: Sample["quality"];
  readonly value?: Extract<Sample, { quality: "good" }>["value"];
  readonly reason?: string;
}

/** The one writer of gateway.db. Every method is synchronous: a commit returns when it is on disk. */
export interface Store extends Disposable {
  readonly outbox: Outbox;
  /** @throws RackwatchError `store/full`, `store/read-only`, `store/io`, `store/corrupt`: nothing of the commit was kept. */
  commit(commit: Commit): void;
  readState(prefix: string): ReadonlyMap<string, unknown>;
  /** Oldest first; `limit` rows at most. */
  history(point: PointKey, from: EpochMs, to: EpochMs, limit: number): readonly HistoryRow[];
  status(lane: Lane): LaneStatus;
  auditHead(): AuditHead;
  /** The audit trail, oldest first. */
  audit(afterSeq: number, limit: number): readonly AuditEntry[];
  /** The audit trail, newest first. */
  searchAudit(search: AuditSearch): AuditPage;
  /** Whether a movement of this identity is on record, or one that was asked for under it. */
  hasMovement(id: string): boolean;
  /** Those of the identities that `hasMovement` knows. */
  knownMovements(ids: Iterable<string>): ReadonlySet<string>;
  /** Newest first; a page may be short although more follow, which `next` says. */
  movements(query: MovementQuery): MovementPage;
  /** What stock must be by all movements that ever were. */
  movementSums(): readonly MovementSum[];
  /** What moved at one place since then, hour by hour of UTC, oldest first. */
  movementHours(location: string, item: string, from: EpochMs): readonly MovementHour[];
  /** Movements before then have only sums, and their identities are forgotten; undefined: all are on record. */
  movementsFoldedBefore(): EpochMs | undefined;
  /**
   * Adds movements before then to their sums and forgets them, some thousands at a time: to be called again soon when
   * it returns as many as `foldedRowsMax`. Only by a clock that is believed. @throws as `commit`.
   */
  foldMovements(oldBefore: EpochMs): number;
  /**
   * Deletes what age and size allow; returns how many rows of each lane went. `now`: by a clock that is believed;
   * -Infinity while none is, and then nothing goes by age.
   */
  prune(now: EpochMs): { readonly samples: number; readonly events: number };
  /** Packs some older samples closer; to be called again soon when it returns true. @throws as `commit`. */
  merge(): boolean;
  /** Bytes on disk, write-ahead log included. */
  size(): number;
}
