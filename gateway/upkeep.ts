import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { AuditWatch } from "./audit/audit-watch.ts";
import { runBeside } from "./background-run.ts";
import { DailyBackup } from "./daily-backup.ts";
import { DiskWatch } from "./disk-watch.ts";
import type { Health } from "./health/health.ts";
import { problemOf } from "./health/health-book.ts";
import { checkedKey, IntegrityCheck } from "./integrity-check.ts";
import { SteadyClock } from "./runtime/steady-clock.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockQuality } from "./store/store.ts";

/** How often each part of the upkeep is due; checking hashes is spread thin. */
const periodsMs = {
  heal: 10_000,
  disk: 10_000,
  prune: 30_000,
  verify: 60_000,
  audit: 60_000,
  fold: 600_000,
};

/** Chunks whose hash is checked each time: a year of chunks goes round in some weeks. */
const verifyChunks = 32;

export interface UpkeepParts {
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly clockQuality: () => ClockQuality;
  /** Looked up each time, as `intake` is: both may be others by then. */
  readonly config: Config;
  readonly dataDir: string;
  readonly intake: { save(state: ReadonlyMap<string, unknown>): void };
  /** Runs a command beside; absent: as a process of this program. */
  readonly run?: typeof runBeside;
  /** Ends this run of the gateway for another one, which reads the disk. */
  readonly startAnew: () => void;
}

/** What the store needs now and then, away from the commits: healing, making room, looking for flipped bits. */
export class Upkeep {
  readonly #store: DurableStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #health: Health;
  readonly #auditWatch: AuditWatch;
  readonly #clockQuality: () => ClockQuality;
  readonly #ages: SteadyClock;
  readonly #startAnew: () => void;
  readonly #parts: Pick<UpkeepParts, "config" | "intake">;
  readonly #backup: DailyBackup;
  readonly #integrity: IntegrityCheck;
  readonly #disk: DiskWatch;
  #failed = false;
  /** Shown until central has answered to it. */
  #renewed: boolean;
  readonly #doneAt = new Map<keyof typeof periodsMs, number>();

  constructor(parts: UpkeepParts) {
    const { store, clock, log, health, clockQuality, dataDir, startAnew } = parts;
    const run = (args: readonly string[], msMax: number) =>
      (parts.run ?? runBeside)(args, msMax, log);
    const beside = { dataDir, clock, clockQuality, health, log, run };
    this.#backup = new DailyBackup({
      ...beside,
      get config() {
        return parts.config;
      },
    });
    this.#integrity = new IntegrityCheck({
      ...beside,
      distrust: (why) => store.distrust(why),
      keep: (checked) => this.#keep(checkedKey, checked),
    });
    const language = () => parts.config.gateway.language;
    this.#disk = new DiskWatch({ dataDir, clock, health, language });
    this.#parts = parts;
    this.#renewed = store.problem?.code === "store/renewed";
    this.#startAnew = startAnew;
    this.#clockQuality = clockQuality;
    this.#ages = new SteadyClock(clock, clockQuality);
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#health = health;
    this.#auditWatch = new AuditWatch(store, health, language);
  }

  step(): void {
    if (this.#isDue("disk")) this.#disk.step();
    try {
      if (!this.#store.onDisk && this.#isDue("heal")) {
        this.#store.heal();
        this.#health.report("store", this.#store.problem);
      }
      if (this.#store.stale) this.#startAnew();
      if (this.#isDue("prune")) {
        const gone = this.#store.prune(this.#ages.now() ?? Number.NEGATIVE_INFINITY);
        if (gone.samples + gone.events > 0) this.#log.info("rows pruned", gone);
      }
      if (this.#clockQuality() === "synchronized" && this.#isDue("fold")) {
        const folded = this.#store.foldMovements(
          this.#clock.now() - this.#parts.config.stock.keepFor,
        );
        if (folded > 0) this.#log.info("old movements folded", { folded });
      }
      if (this.#isDue("verify")) {
        const damaged = this.#store.verify(verifyChunks);
        if (damaged.length > 0) this.#log.error("damaged chunks dropped", { damaged });
      }
      if (this.#isDue("audit")) this.#auditWatch.step();
      this.#store.fold();
      this.#backup.step();
      this.#integrity.step();
      const { problem } = this.#store;
      const isAnswered = this.#renewed && problem === undefined;
      if (this.#failed || isAnswered) this.#health.report("store", problem);
      if (isAnswered) this.#renewed = false;
      this.#failed = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * To be called some times a second: it takes some milliseconds while there is something to save or to pack, else hardly
   * anything.
   */
  tick(): void {
    try {
      if (!this.#store.salvage()) this.#store.merge();
    } catch (error) {
      this.#fail(error);
    }
  }

  #keep(key: string, value: unknown): void {
    try {
      this.#parts.intake.save(new Map([[key, value]]));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    // Damage that shows while running: what is sound of the database is taken over at once.
    if (error instanceof RackwatchError && error.code === "store/corrupt") this.#store.heal();
    this.#health.report("store", problemOf(error, "store/io"));
  }

  #isDue(what: keyof typeof periodsMs): boolean {
    const now = this.#clock.monotonicMs();
    const last = this.#doneAt.get(what);
    // The first time is one period after the start, which has better things to do.
    if (last === undefined) this.#doneAt.set(what, now);
    if (last === undefined || now - last < periodsMs[what]) return false;
    this.#doneAt.set(what, now);
    return true;
  }
}
