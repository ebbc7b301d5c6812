import { join } from "node:path";
import type { Config } from "../config/schema/config.ts";
import type { Clock, EpochMs, Log } from "../drivers/contract.ts";
import type { RunEnd } from "./background-run.ts";
import type { Health } from "./health/health.ts";
import { zoneOf } from "./rules/zone.ts";
import { dailyBackups, dailyName, pruneBackups } from "./store/backup.ts";
import type { ClockQuality } from "./store/store.ts";

/** A start has better things to do than to make good yesterday's backup. */
const settledMs = 600_000;

/** After one that failed. */
const retryMs = 3_600_000;

/** One that takes longer hangs. */
const backupMsMax = 3_600_000;

const minuteMs = 60_000;

export interface DailyBackupParts {
  /** Looked up each time: it may be another one by then. */
  readonly config: Config;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly health: Health;
  readonly log: Log;
  /** `runBeside`, or what a test has in its place. */
  readonly run: (args: readonly string[], msMax: number) => Promise<RunEnd>;
}

/** Folder of the daily backups. */
export function backupFolder({ store }: Pick<Config, "store">, dataDir: string): string {
  return store.backup.dir ?? join(dataDir, "backup");
}

/** Makes a backup each day, by a process of its own; one that was missed is made good after the next start. */
export class DailyBackup {
  readonly #parts: DailyBackupParts;
  #notBefore: number;
  #runs = false;

  constructor(parts: DailyBackupParts) {
    this.#parts = parts;
    this.#notBefore = parts.clock.monotonicMs() + settledMs;
  }

  step(): void {
    const { config, clock, clockQuality } = this.#parts;
    if (!config.store.backup.enabled || this.#runs || clock.monotonicMs() < this.#notBefore) return;
    // Names and days are by the clock: one that was never set would delete what is newer.
    if (clockQuality() === "unset") return;
    this.#notBefore = clock.monotonicMs() + minuteMs;
    const now = clock.now();
    if (this.#isDue(now)) void this.#make(now);
  }

  /** The newest is from before the last time of day that has come. */
  #isDue(now: EpochMs): boolean {
    const { config, dataDir } = this.#parts;
    const zone = zoneOf(config.gateway.timezone);
    const [hours = 0, minutes = 0] = config.store.backup.at.split(":").map(Number);
    const today = zone.dayOf(now);
    const at = [today, today - 1]
      .map((day) => zone.instantOf(day, hours * 60 + minutes, "first"))
      .find((instant) => instant <= now);
    const [newest] = dailyBackups(backupFolder(config, dataDir));
    return at !== undefined && (newest === undefined || newest < dailyName(at));
  }

  async #make(now: EpochMs): Promise<void> {
    const { config, dataDir, clock, health, log, run } = this.#parts;
    const { full, keep } = config.store.backup;
    const dir = backupFolder(config, dataDir);
    const out = join(dir, dailyName(now));
    this.#runs = true;
    const args = ["backup", "--data", dataDir, "--out", out, "--json", ...(full ? ["--full"] : [])];
    const { code, err } = await run(args, backupMsMax);
    this.#runs = false;
    if (code === 0) {
      pruneBackups(dir, keep);
      health.report("backup", undefined);
      log.info("backup.made", { file: out });
      return;
    }
    this.#notBefore = clock.monotonicMs() + retryMs;
    const [first = ""] = err.split("\n");
    health.report("backup", {
      code: "store/backup",
      message: first === "" ? "the daily backup did not end" : first,
      where: out,
      todo: "check the room and the rights of the folder store.backup.dir; it is tried again in an hour",
    });
  }
}
