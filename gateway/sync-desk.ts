import { statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/schema/config.ts";
import type { Clock, MonotonicMs } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { backupFolder } from "./daily-backup.ts";
import type { HealthBook } from "./health/health-book.ts";
import { checkedKey, readChecked } from "./integrity-check.ts";
import type { SyncView } from "./panel/api.ts";
import type { RoadView, SyncDetail } from "./panel/sync-api.ts";
import { roadViews } from "./road-views.ts";
import { dailyBackups } from "./store/backup.ts";
import { readBackupHeader } from "./store/backup-file.ts";
import { freeBytesOf } from "./store/ballast.ts";
import { CursorFile } from "./store/cursor-file.ts";
import { readInsight } from "./store/insight.ts";
import type { ClockQuality, Lane, Store } from "./store/store.ts";
import type { SyncWatch } from "./sync-watch.ts";

/** What the disk says is asked no more often, however many screens look: each time opens two files. */
const lookEveryMs = 2_000;

const megabyte = 1_048_576;

export interface SyncDetailParts {
  readonly config: Pick<Config, "store" | "sync">;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly health: Pick<HealthBook, "notices">;
  readonly store: Pick<Store, "outbox" | "size" | "readState"> & { readonly onDisk: boolean };
  readonly syncWatch: Pick<SyncWatch, "status" | "statuses" | "goneMs" | "daysOfRoom">;
}

/** The way to central and the store behind it, for somebody who wants to know why. */
export class SyncDesk {
  readonly #parts: SyncDetailParts;
  #looked: { readonly at: MonotonicMs; readonly disk: ReturnType<typeof lookAtDisk> } | undefined;

  constructor(parts: SyncDetailParts) {
    this.#parts = parts;
  }

  detail(view: SyncView): SyncDetail {
    const { store, syncWatch, config, clockQuality } = this.#parts;
    const { figures, problem } = syncWatch.status ?? {};
    const { insight, freeBytes, ...backup } = this.#disk();
    const broken = this.#parts.health.notices().find(({ part }) => part === "backup");
    const rows = (lane: Lane) => store.outbox.head(lane) - store.outbox.first(lane) + 1;
    const checked = readChecked(store.readState(checkedKey).get(checkedKey));
    const losses = Object.entries(insight?.losses ?? {});
    return {
      ...view,
      ...known({ trouble: problem, goneMs: syncWatch.goneMs, agent: figures }),
      roads: [...this.roads()],
      clock: { quality: clockQuality(), corrections: [...(insight?.corrections ?? [])] },
      store: {
        onDisk: store.onDisk,
        bytes: store.size(),
        bytesMax: config.store.maxSize * megabyte,
        rows: { events: rows("events"), samples: rows("samples") },
        losses: losses.map(([reason, lost]) => ({ reason, ...lost })),
        ...known({ freeBytes, daysOfRoom: syncWatch.daysOfRoom, checked }),
      },
      backup: { enabled: config.store.backup.enabled, ...backup, ...known({ problem: broken }) },
      epochs: [...(insight?.ancestors ?? [])],
    };
  }

  /** Each way by which rows leave. */
  roads(): readonly RoadView[] {
    const { config, dataDir, store, syncWatch } = this.#parts;
    const { epoch } = store.outbox;
    using cursors = new CursorFile(dataDir);
    return roadViews({
      sync: config.sync,
      statuses: syncWatch.statuses,
      head: (lane) => store.outbox.head(lane),
      cursor: (road, lane) => cursors.readRoad(road, lane, epoch),
    });
  }

  #disk() {
    const { clock, config, dataDir } = this.#parts;
    const at = clock.monotonicMs();
    if (this.#looked === undefined || at - this.#looked.at >= lookEveryMs) {
      this.#looked = { at, disk: lookAtDisk(dataDir, backupFolder(config, dataDir)) };
    }
    return this.#looked.disk;
  }
}

function lookAtDisk(dataDir: string, dir: string) {
  const device = (folder: string) => statSync(folder, { throwIfNoEntry: false })?.dev;
  return {
    dir,
    // A folder that is not there yet is made on the disk of the one around it: the data folder, if nothing else is said.
    sameDisk: (device(dir) ?? device(dataDir)) === device(dataDir),
    ...known({
      insight: readInsight(dataDir),
      newest: newestBackup(dir),
      freeBytes: freeBytesOf(dataDir),
    }),
  };
}

/** A file of that name was read to its end when it was made; `sound` says that its first line still is. */
function newestBackup(dir: string): SyncDetail["backup"]["newest"] {
  const [name] = dailyBackups(dir);
  if (name === undefined) return undefined;
  const file = join(dir, name);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const about = { file: name, bytes: found.size };
  try {
    return { ...about, at: Date.parse(readBackupHeader(file).createdAt), sound: true };
  } catch (error) {
    if (!(error instanceof RackwatchError)) throw error;
    return { ...about, at: found.mtimeMs, sound: false };
  }
}

/** Only what is there: an absent key and one without a value are not the same in the API. */
function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isKnown(value)) kept[key] = value;
  }
  return kept;
}

function isKnown<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}
