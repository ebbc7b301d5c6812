import type { Clock, EpochMs, Log, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AuditEntry, AuditHead } from "../audit/entry.ts";
import type { AuditPage, AuditSearch } from "../audit/search.ts";
import type { Problem } from "../health/health.ts";
import type { MovementPage, MovementQuery } from "../panel/stock-api.ts";
import { carryOver, dropBehind, readableState, takeState } from "./carry.ts";
import { CursorFile } from "./cursor-file.ts";
import { type Born, openDatabase, openMemory } from "./database.ts";
import { DatabaseStore } from "./database-store.ts";
import { type StoreLimits, storeLimits } from "./limits.ts";
import { lockFolder } from "./lock.ts";
import { type MachineMark, machineMark } from "./machine-mark.ts";
import type { MovementHour, MovementSum } from "./movement-table.ts";
import type { Rebirth } from "./rebirth.ts";
import {
  type Commit,
  type HistoryRow,
  type Lane,
  type LaneStatus,
  lanes,
  type Outbox,
  type Store,
} from "./store.ts";
import type { TimeCorrection } from "./time-shift.ts";

/** What one portion of rows from a damaged database may take: lamps are due every 250 ms. */
const salvageMsMax = 10;

export interface OpenOptions {
  /** Folder of gateway.db; made when it is missing. */
  readonly dir: string;
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<StoreLimits>;
  /** What tells this machine from another; absent: as it is read from the hardware. */
  readonly machine?: MachineMark;
  /** Folder of the daily backups; absent: `backup` in the data folder. */
  readonly backupDir?: string;
}

export interface OpenedStore {
  readonly store: DurableStore;
  readonly born: Born;
  /** Why the store is not as the last run left it: set aside and born anew, or in memory only. */
  readonly problem?: Problem;
}

/**
 * The store, in any case but one: a folder that another process uses is refused. When the disk cannot be written the
 * store works in memory, so that alarms run, and `heal` takes it back to disk.
 * @throws RackwatchError `store/locked`.
 */
export function openStore(options: OpenOptions): OpenedStore {
  const store = new DurableStore(options);
  const { born, problem } = store;
  return { store, born, ...(problem !== undefined && { problem }) };
}

/** A store that survives its disk: it falls back to memory and finds its way home. */
export class DurableStore implements Store {
  readonly outbox: Outbox;
  readonly #options: OpenOptions;
  readonly #limits: StoreLimits;
  readonly #cursors: CursorFile;
  readonly #deleted = new Set<string>();
  #lock: Disposable | undefined;
  #current: DatabaseStore;
  #onDisk = false;
  /** The memory store began without knowing what stood on the disk. */
  #blind = false;
  #stale = false;
  #born: Born = "existing";
  #problem: Problem | undefined;
  #failure: RackwatchError | undefined;
  #rebirth: Rebirth | undefined;
  readonly #machine: MachineMark;

  constructor(options: OpenOptions) {
    this.#options = options;
    this.#limits = storeLimits(options.limits);
    this.#cursors = new CursorFile(options.dir, () => this.#limits.roads);
    this.#machine = options.machine ?? machineMark();
    try {
      this.#current = this.#openDisk(false);
    } catch (error) {
      if (!(error instanceof RackwatchError) || error.code === "store/locked") throw error;
      this.#current = this.#openMemory(error);
      this.#blind = true;
    }
    const current = () => this.#current;
    this.outbox = {
      get epoch() {
        return current().outbox.epoch;
      },
      read: (lane, afterSeq, rowsMax) => current().outbox.read(lane, afterSeq, rowsMax),
      head: (lane) => current().outbox.head(lane),
      first: (lane) => current().outbox.first(lane),
      ancestors: () => current().outbox.ancestors(),
      auditHead: () => current().auditHead(),
    };
  }

  /** Other limits from now on; those that are not given stay. The open database looks at the same object. */
  configure(limits: Partial<StoreLimits>): void {
    Object.assign(this.#limits, limits);
  }

  get born(): Born {
    return this.#born;
  }

  /** What is wrong with the disk at this time, or was at the last opening. */
  get problem(): Problem | undefined {
    if (this.#problem?.code === "store/renewed" && this.#isAnswered()) {
      this.#watched(() => this.#current.forgetRenewal());
      this.#problem = undefined;
    }
    return this.#problem;
  }

  /**
   * The process started without what the disk has, and the disk is back since: what was gathered is written to it, and
   * only a new start knows it all.
   */
  get stale(): boolean {
    return this.#stale;
  }

  /** What was found out of the clock of this boot and of earlier ones, oldest first. */
  get corrections(): readonly TimeCorrection[] {
    return this.#current.writer.corrections;
  }

  /** False while commits live in memory only. */
  get onDisk(): boolean {
    return this.#onDisk;
  }

  commit(commit: Commit): void {
    this.#watched(() => this.#current.commit(commit));
    if (this.#onDisk) return;
    for (const [key, value] of commit.state) {
      if (value === undefined) this.#deleted.add(key);
      else this.#deleted.delete(key);
    }
  }

  readState(prefix: string): ReadonlyMap<string, unknown> {
    return this.#current.readState(prefix);
  }

  history(point: PointKey, from: EpochMs, to: EpochMs, limit: number): readonly HistoryRow[] {
    return this.#current.history(point, from, to, limit);
  }

  status(lane: Lane): LaneStatus {
    return this.#current.status(lane);
  }

  auditHead(): AuditHead {
    return this.#current.auditHead();
  }

  audit(afterSeq: number, limit: number): readonly AuditEntry[] {
    return this.#current.audit(afterSeq, limit);
  }

  searchAudit(search: AuditSearch): AuditPage {
    return this.#current.searchAudit(search);
  }

  hasMovement(id: string): boolean {
    return this.#current.hasMovement(id);
  }

  knownMovements(ids: Iterable<string>): ReadonlySet<string> {
    return this.#current.knownMovements(ids);
  }

  movements(query: MovementQuery): MovementPage {
    return this.#current.movements(query);
  }

  movementSums(): readonly MovementSum[] {
    return this.#current.movementSums();
  }

  movementHours(location: string, item: string, from: EpochMs): readonly MovementHour[] {
    return this.#current.movementHours(location, item, from);
  }

  movementsFoldedBefore(): EpochMs | undefined {
    return this.#current.movementsFoldedBefore();
  }

  foldMovements(oldBefore: EpochMs): number {
    return this.#watched(() => this.#current.foldMovements(oldBefore));
  }

  prune(now: EpochMs): { readonly samples: number; readonly events: number } {
    return this.#watched(() => this.#current.prune(now));
  }

  merge(): boolean {
    // Chunks that are taken over come in before those that are there: merging counts on it that none does.
    if (this.#rebirth !== undefined) return false;
    return this.#watched(() => this.#current.merge());
  }

  /**
   * Takes over some rows of the database that was set aside, for at most `salvageMsMax`; to be called often while it
   * returns true.
   */
  salvage(): boolean {
    const rebirth = this.#rebirth;
    if (rebirth === undefined || !this.#onDisk) return false;
    const end = this.#options.clock.monotonicMs() + salvageMsMax;
    const more = this.#watched(() => rebirth.step(() => this.#options.clock.monotonicMs() >= end));
    if (more) return true;
    this.#rebirth = undefined;
    // The writer looks anew at what waits for the next commit.
    this.#watched(() => this.#current.writer.together(() => {}));
    this.#options.log.info("store.salvaged");
    return false;
  }

  /** Somebody else found damage of the structure: what is sound is taken over into a new database. */
  distrust(why: string): void {
    if (!this.#onDisk) return;
    this.#failure = new RackwatchError("store/corrupt", why);
    this.heal();
  }

  /** Folds the write-ahead log in when it is above its limit; a reader in the way is for the next time. */
  fold(): void {
    this.#watched(() => this.#current.fold());
  }

  /** Bytes of the write-ahead log. */
  walBytes(): number {
    return this.#current.walBytes();
  }

  /** As `DatabaseStore.verify`: call it now and then with some dozen chunks. */
  verify(chunksMax: number): readonly { readonly lane: Lane; readonly firstSeq: number }[] {
    return this.#watched(() => this.#current.verify(chunksMax));
  }

  size(): number {
    return this.#current.size();
  }

  /**
   * To be called now and then while `commit` throws or `problem` is set. After a full disk it makes room; after any
   * other failure it closes and opens the database anew, because a file whose fsync failed once is not to be trusted.
   * What cannot be opened leaves the store in memory with the state carried over; what was gathered in memory is
   * written to the disk as soon as that works again.
   * @returns whether commits reach the disk.
   */
  heal(): boolean {
    if (this.#onDisk && this.#failure === undefined) return true;
    if (this.#onDisk && this.#failure?.code === "store/full") return this.#makeRoom();
    return this.#onDisk ? this.#reopen() : this.#goHome();
  }

  [Symbol.dispose](): void {
    this.#rebirth?.[Symbol.dispose]();
    this.#current[Symbol.dispose]();
    this.#cursors[Symbol.dispose]();
    this.#unlock();
  }

  #isAnswered(): boolean {
    if (!this.#limits.awaitsCentral) return true;
    const { epoch } = this.#current.outbox;
    return lanes.some((lane) => this.#cursors.read(lane, epoch) > 0);
  }

  #unlock(): void {
    this.#lock?.[Symbol.dispose]();
    this.#lock = undefined;
  }

  #makeRoom(): boolean {
    try {
      this.#current.prune(Number.NEGATIVE_INFINITY);
      this.#current.probe();
      this.#failure = undefined;
      return true;
    } catch (error) {
      if (error instanceof RackwatchError) return false;
      throw error;
    }
  }

  #reopen(): boolean {
    const before = this.#current;
    const { epoch } = before.outbox;
    const { heads } = before.writer;
    const state = readableState(before);
    const distrusted = this.#failure?.code === "store/corrupt";
    before[Symbol.dispose]();
    try {
      const reopened = this.#openDisk(distrusted);
      if (reopened.outbox.epoch === epoch) dropBehind(reopened.writer, heads);
      else takeState(reopened.writer, state);
      this.#current = reopened;
      this.#failure = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#current = this.#openMemory(error);
      takeState(this.#current.writer, state);
      return false;
    }
  }

  #goHome(): boolean {
    const memory = this.#current;
    try {
      const disk = this.#openDisk(false);
      carryOver(memory.writer, disk.writer, { deleted: this.#deleted, blind: this.#blind });
      this.#current = disk;
      this.#stale ||= this.#blind && this.#born === "existing";
      this.#blind = false;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#unlock();
      this.#onDisk = false;
      return false;
    }
    memory[Symbol.dispose]();
    this.#deleted.clear();
    this.#failure = undefined;
    this.#options.log.info("store.back-on-disk");
    return true;
  }

  #openDisk(distrusted: boolean): DatabaseStore {
    const { dir, gatewayId, clock, backupDir } = this.#options;
    this.#unlock();
    this.#rebirth?.[Symbol.dispose]();
    this.#lock = lockFolder(dir);
    const opened = openDatabase({
      ...{ dir, gatewayId, now: clock.now(), limits: this.#limits, distrusted },
      machine: this.#machine,
      confirmed: (lane, epoch) => this.#cursors.read(lane, epoch),
      monotonicMs: () => clock.monotonicMs(),
      ...(backupDir !== undefined && { backupDir }),
    });
    this.#rebirth = opened.rebirth;
    this.#born = opened.born;
    this.#problem = opened.problem;
    this.#onDisk = true;
    if (opened.problem !== undefined) {
      const { code, message } = opened.problem;
      const event = code === "store/renewed" ? "store.renewed" : "store.reborn";
      this.#options.log.error(event, { code, message });
    }
    const { db, epoch, file } = opened;
    return new DatabaseStore({ ...this.#shared(), db, epoch, disk: { dir, file } });
  }

  #openMemory(error: RackwatchError): DatabaseStore {
    const { code, message, where, todo } = error;
    this.#unlock();
    this.#onDisk = false;
    this.#problem = {
      code,
      message: `${message}; alarms run, but what happens is kept in memory only`,
      ...(where !== undefined && { where }),
      ...(todo !== undefined && { todo }),
    };
    this.#options.log.error("store.in-memory", { code, message });
    return new DatabaseStore({ ...this.#shared(), ...openMemory(this.#limits) });
  }

  #shared() {
    const { clock, log } = this.#options;
    const confirmed = (lane: Lane, epoch: string) => this.#cursors.read(lane, epoch);
    return { clock, log, limits: this.#limits, confirmed };
  }

  #watched<Result>(body: () => Result): Result {
    try {
      return body();
    } catch (error) {
      if (error instanceof RackwatchError) this.#failure = error;
      throw error;
    }
  }
}
