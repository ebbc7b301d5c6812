import type Database from "better-sqlite3";
import type { Clock, EpochMs, Log, PointKey } from "../../drivers/contract.ts";
import type { AuditEntry, AuditHead } from "../audit/entry.ts";
import type { AuditPage, AuditSearch } from "../audit/search.ts";
import type { MovementPage, MovementQuery } from "../panel/stock-api.ts";
import { Ballast, fileBytes, freeBytes } from "./ballast.ts";
import { type CheckpointMode, checkpoint } from "./checkpoint.ts";
import { dropDamaged } from "./damage.ts";
import { isFull, storeError } from "./failure.ts";
import { readHistory } from "./history.ts";
import type { StoreLimits } from "./limits.ts";
import { LogWriter, readAncestors } from "./log-writer.ts";
import { writeMeta } from "./meta.ts";
import type { MovementHour, MovementSum } from "./movement-table.ts";
import { Packer } from "./packer.ts";
import { finished } from "./pieces.ts";
import { pruneAside } from "./quarantine.ts";
import { relieved } from "./relief.ts";
import { forgetRenewal } from "./renewal.ts";
import { dropSamples, pruneByAge, pruneConfirmed } from "./retention.ts";
import type { Commit, HistoryRow, Lane, LaneStatus, Outbox, Store } from "./store.ts";
import { nextToThin, type Thinned, type ThinningPlace, thinPieces } from "./thin-oldest.ts";
import { verifyChunks } from "./verify.ts";

/** From this share of the size limit on, rows go before their age: what remains is room for events. */
const pressureShare = 0.9;

/** What a full disk must give up at least, so that the next failure is not at once. */
const reliefBytes = 1_048_576;

/** And where not even the log has room for that. */
const smallReliefBytes = 16_384;

/** Chunks or segments that are thinned in a row while a commit waits for room: each may take 100 ms. */
const urgentThinningsMax = 2;

export interface DatabaseParts {
  readonly db: Database.Database;
  readonly epoch: string;
  /** Folder and file of the database; absent in memory. */
  readonly disk?: { readonly dir: string; readonly file: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: StoreLimits;
  /** Highest sequence number that central confirmed. */
  readonly confirmed: (lane: Lane, epoch: string) => number;
}

/** The store over one open database, on disk or in memory. */
export class DatabaseStore implements Store {
  readonly outbox: Outbox;
  readonly #parts: DatabaseParts;
  readonly #writer: LogWriter;
  readonly #ballast: Ballast | undefined;
  readonly #verifier = verifyChunks();
  readonly #thinning: ThinningPlace;
  readonly #packer: Packer;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.#writer = new LogWriter(parts.db, parts.limits.chunkRowsMax);
    const { disk, limits } = parts;
    this.#ballast = disk === undefined ? undefined : new Ballast(disk.dir, limits.ballastBytes);
    this.#ballast?.restore();
    this.#thinning = {
      writer: this.#writer,
      confirmed: () => this.#mayGo("samples"),
      instant: () => this.#instant(),
    };
    const monotonicMs = () => parts.clock.monotonicMs();
    this.#packer = new Packer(this.#thinning, limits.chunkRowsMax, monotonicMs);
    this.outbox = {
      epoch: parts.epoch,
      read: (lane, afterSeq, rowsMax) =>
        this.#guarded(() => this.#writer.log.read(lane, afterSeq, rowsMax)),
      head: (lane) => this.#writer.head(lane),
      first: (lane) => this.#guarded(() => this.#writer.log.first(lane)),
      ancestors: () => this.#guarded(() => readAncestors(parts.db)),
      auditHead: () => this.auditHead(),
    };
  }

  get writer(): LogWriter {
    return this.#writer;
  }

  commit(commit: Commit): void {
    const reliefs = [
      () => this.#spend(),
      () => this.#giveConfirmed(Math.max(reliefBytes, this.#excessBytes())),
      () => this.#giveConfirmed(smallReliefBytes),
      () => this.#giveOthers(),
    ];
    this.#guarded(() => relieved(reliefs, () => this.#writer.write(commit)));
  }

  readState(prefix: string): ReadonlyMap<string, unknown> {
    return this.#guarded(() => this.#writer.state.read(prefix));
  }

  history(point: PointKey, from: EpochMs, to: EpochMs, limit: number): readonly HistoryRow[] {
    return this.#guarded(() => readHistory(this.#writer, point, from, to, limit));
  }

  status(lane: Lane): LaneStatus {
    return this.#guarded(() => {
      const head = this.#writer.head(lane);
      const cursor = Math.min(head, this.#parts.confirmed(lane, this.#parts.epoch));
      const [oldest] = this.#writer.log.read(lane, cursor, 1);
      const oldestAt = oldest?.firstAt;
      const backlog = head - cursor;
      return { head, cursor, backlog, ...(oldestAt !== undefined && { oldestAt }) };
    });
  }

  auditHead(): AuditHead {
    return this.#guarded(() => this.#writer.audit.head());
  }

  audit(afterSeq: number, limit: number): readonly AuditEntry[] {
    return this.#guarded(() => this.#writer.audit.read(afterSeq, limit));
  }

  searchAudit(search: AuditSearch): AuditPage {
    return this.#guarded(() => this.#writer.audit.search(search));
  }

  hasMovement(id: string): boolean {
    return this.#guarded(() => this.#writer.movements.has(id));
  }

  knownMovements(ids: Iterable<string>): ReadonlySet<string> {
    const { movements } = this.#writer;
    return this.#guarded(() => new Set([...ids].filter((id) => movements.has(id))));
  }

  movements(query: MovementQuery): MovementPage {
    return this.#guarded(() => this.#writer.movements.page(query));
  }

  movementSums(): readonly MovementSum[] {
    return this.#guarded(() => this.#writer.movements.sums());
  }

  movementHours(location: string, item: string, from: EpochMs): readonly MovementHour[] {
    return this.#guarded(() => this.#writer.movements.hours(location, item, from));
  }

  movementsFoldedBefore(): EpochMs | undefined {
    return this.#guarded(() => this.#writer.movements.foldedBefore());
  }

  foldMovements(oldBefore: EpochMs): number {
    const { movements } = this.#writer;
    return this.#guarded(() => {
      let folded = 0;
      if (!movements.hasBefore(oldBefore)) return folded;
      this.#writer.together(() => {
        folded = movements.fold(oldBefore);
      });
      return folded;
    });
  }

  prune(now: EpochMs): { readonly samples: number; readonly events: number } {
    return this.#guarded(() => {
      const { limits } = this.#parts;
      const oldBefore = now - limits.keepForMs;
      let events = pruneByAge(this.#writer, "events", this.#mayGo("events"), oldBefore);
      let samples = pruneByAge(this.#writer, "samples", this.#mayGo("samples"), oldBefore);
      const shrink = () => this.#shrink(this.#excessBytes(), this.#shortBytes(), false);
      const gone = relieved([() => this.#spend()], shrink);
      events += gone.events;
      samples += gone.samples;
      this.#tidyDisk();
      return { samples, events };
    });
  }

  /**
   * Makes one dense chunk of many loose ones, or thins one, as far as some milliseconds allow; the next call goes on.
   * False: nothing is due.
   */
  merge(): boolean {
    return this.#guarded(() => this.#merge());
  }

  /**
   * Checks the content hashes of some chunks per call, round and round, and drops a damaged one as a gap: SQLite finds
   * barely a quarter of flipped bits by itself. @returns first sequence numbers of what was damaged.
   */
  verify(chunksMax: number): readonly { readonly lane: Lane; readonly firstSeq: number }[] {
    return this.#guarded(() => {
      const damaged = this.#verifier.step(this.#writer.log, chunksMax);
      for (const { lane, firstSeq } of damaged) this.#dropDamaged(lane, firstSeq);
      return damaged;
    });
  }

  /** @throws RackwatchError as `commit` does, when nothing can be written. */
  probe(): void {
    this.#guarded(() => writeMeta(this.#parts.db, "probed-at", String(this.#parts.clock.now())));
  }

  size(): number {
    const { db, disk } = this.#parts;
    if (disk === undefined) return pages(db, "page_count") * pages(db, "page_size");
    return fileBytes(disk.file) + fileBytes(`${disk.file}-wal`);
  }

  /** Bytes of the database that hold something: freed pages are used again, the file itself does not shrink. */
  usedBytes(): number {
    const { db } = this.#parts;
    return (pages(db, "page_count") - pages(db, "freelist_count")) * pages(db, "page_size");
  }

  [Symbol.dispose](): void {
    this.#parts.db.close();
  }

  /** Folds the write-ahead log in when it is above its limit. */
  fold(): void {
    this.#guarded(() => {
      if (this.walBytes() > this.#parts.limits.walBytesMax) this.#checkpoint("TRUNCATE");
    });
  }

  walBytes(): number {
    const { disk } = this.#parts;
    return disk === undefined ? 0 : fileBytes(`${disk.file}-wal`);
  }

  forgetRenewal(): void {
    this.#guarded(() => forgetRenewal(this.#parts.db));
  }

  #guarded<Result>(body: () => Result): Result {
    try {
      return body();
    } catch (error) {
      throw storeError(error, this.#parts.disk?.file ?? "memory");
    }
  }

  #mayGo(lane: Lane): number {
    if (!this.#parts.limits.awaitsCentral) return this.#writer.head(lane);
    return this.#parts.confirmed(lane, this.#parts.epoch);
  }

  #instant() {
    const { clock } = this.#parts;
    return { at: clock.now(), mono: clock.monotonicMs() };
  }

  /** Bytes that must go: what is above the store's own limit, or missing to the reserve once the ballast is spent. */
  #excessBytes(): number {
    const { disk, limits } = this.#parts;
    const ceiling = disk === undefined ? limits.memoryBytesMax : limits.sizeBytesMax;
    const excess = this.usedBytes() - ceiling * pressureShare;
    if (this.#ballast === undefined || this.#ballast.held) return excess;
    return Math.max(excess, limits.ballastBytes - this.#roomBytes());
  }

  /** Bytes that should go: what the disk is short of, because of whom ever. */
  #shortBytes(): number {
    return this.#parts.limits.freeBytesMin - this.#roomBytes();
  }

  /** Bytes that rows still find room in: freed pages are used again before the file grows. */
  #roomBytes(): number {
    const { db, disk } = this.#parts;
    if (disk === undefined) return Number.POSITIVE_INFINITY;
    return freeBytes(disk.dir) + pages(db, "freelist_count") * pages(db, "page_size");
  }

  /**
   * Confirmed samples go first, then confirmed events, for either need; then, only for `must`, samples that central
   * never had. Events that wait for central always stay.
   */
  #shrink(must: number, wish: number, isUrgent: boolean): { samples: number; events: number } {
    const writer = this.#writer;
    const bytes = Math.max(must, wish);
    const samples = pruneConfirmed(writer, "samples", this.#mayGo("samples"), bytes);
    const events = pruneConfirmed(writer, "events", this.#mayGo("events"), bytes - samples.bytes);
    const rest = must - samples.bytes - events.bytes;
    if (rest <= 0) this.#packer.want(0);
    const lost = rest > 0 ? this.#lose(rest, isUrgent) : 0;
    return { samples: samples.rows + lost, events: events.rows };
  }

  /**
   * Samples that central never had. As long as any can be thinned this is done piece by piece (`merge`), or at once where a
   * commit waits for it; then the oldest go.
   */
  #lose(bytes: number, isUrgent: boolean): number {
    const isThinnable = nextToThin(this.#thinning) !== undefined;
    this.#packer.want(isThinnable ? bytes : 0);
    if (isThinnable && !isUrgent) return 0;
    const thinned = isThinnable ? this.#thinAtOnce() : 0;
    if (thinned > 0) return thinned;
    const dropped = dropSamples(this.#writer, this.#mayGo("samples"), bytes, this.#instant());
    if (dropped > 0) this.#parts.log.warn("store.samples-dropped", { rows: dropped });
    return dropped;
  }

  #thinAtOnce(): number {
    for (let tries = 0; tries < urgentThinningsMax; tries += 1) {
      const thinned = finished(thinPieces(this.#thinning));
      if (thinned === undefined) return 0;
      if ("damaged" in thinned) this.#dropDamaged("samples", thinned.damaged);
      else this.#noteThinned(thinned);
      if ("bytes" in thinned && thinned.bytes > 0) return thinned.rows;
    }
    return 0;
  }

  #noteThinned({ rows }: Thinned): void {
    if (rows > 0) this.#parts.log.warn("store.samples-thinned", { rows });
  }

  /**
   * The ballast, and the room of the write-ahead log, which is written anew from its beginning and not cut: whoever else fills
   * the disk would have it. False when neither gave any.
   */
  #spend(): boolean {
    const released = this.#ballast?.release() ?? false;
    if (released) this.#parts.log.warn("store.ballast-released");
    const folded = this.#parts.disk !== undefined && this.#checkpoint("RESTART");
    return released || folded;
  }

  /** Rows that central has. False when there were none, or the log has no room for so many to go. */
  #giveConfirmed(bytes: number): boolean {
    try {
      const gone = this.#shrink(0, bytes, false);
      return gone.samples + gone.events > 0;
    } catch (error) {
      if (isFull(storeError(error, ""))) return false;
      throw error;
    }
  }

  /** Samples that central never had: a commit that waits needs little of them, pruning makes more room in its time. */
  #giveOthers(): boolean {
    const lost = this.#shrink(reliefBytes, 0, true);
    return lost.samples + lost.events > 0;
  }

  #checkpoint(mode: CheckpointMode): boolean {
    const { db, log, limits } = this.#parts;
    return checkpoint(db, mode, limits.busyTimeoutMs, log);
  }

  #merge(): boolean {
    if (this.#writer.correct()) return true;
    const packed = this.#packer.step();
    if (typeof packed === "string") return packed !== "nothing";
    if ("damaged" in packed) return this.#dropDamaged("samples", packed.damaged);
    this.#noteThinned(packed);
    return true;
  }

  #dropDamaged(lane: Lane, firstSeq: number): boolean {
    this.#parts.log.error("store.chunk-damaged", { lane, firstSeq });
    return dropDamaged(this.#writer, lane, firstSeq, this.#instant());
  }

  #tidyDisk(): void {
    const { disk, limits } = this.#parts;
    if (disk === undefined) return;
    this.fold();
    pruneAside(disk.dir, limits.asideCount, limits.sizeBytesMax);
    this.#ballast?.restore();
  }
}

function pages(db: Database.Database, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}
