import {
  type Ancestor,
  type ClockMark,
  chained,
  each,
  type Lane,
  type PerLane,
  type Row,
  type Rules,
} from "./words.ts";

/** `gone`: deleted, `thinned`: only its number is left, `damaged`: its hash is wrong. */
export interface Entry {
  readonly row: Row;
  state: "there" | "thinned" | "gone" | "damaged";
}

/** gateway.db. Entry n holds number n + 1; what is gone stays here as what it was, for the judge and nobody else. */
export interface Disk {
  epoch: string;
  /** The machine that last opened it. */
  machine: number;
  ancestors: Ancestor[];
  log: PerLane<Entry[]>;
}

/** The machine's clocks: the wall is `wrongBy` beside the truth. */
export interface Clocks {
  boot: number;
  bootedAt: number;
  wallAtBoot: number;
  wrongBy: number;
  synchronized: boolean;
}

export const newDisk = (epoch: string, machine: number): Disk => ({
  epoch,
  machine,
  ancestors: [],
  log: each(() => []),
});

export const newClocks = (boot: number, now: number, wrongBy: number): Clocks => ({
  boot,
  bootedAt: now,
  wallAtBoot: now + wrongBy,
  wrongBy,
  synchronized: wrongBy === 0,
});

export const head = (disk: Disk, lane: Lane): number => disk.log[lane].length;

/** Lowest number that is still there. */
export function first(disk: Disk, lane: Lane): number {
  const index = disk.log[lane].findIndex((it) => it.state !== "gone");
  return index < 0 ? head(disk, lane) + 1 : index + 1;
}

export function markNow(clocks: Clocks, now: number, { monotonic }: Rules): ClockMark {
  const wall = now + clocks.wrongBy;
  const mono = monotonic ? now - clocks.bootedAt : wall - clocks.wallAtBoot;
  return { boot: clocks.boot, offset: wall - mono, synchronized: clocks.synchronized };
}

export function commit(disk: Disk, lane: Lane, row: Omit<Row, "seq">): void {
  disk.log[lane].push({ row: { ...row, seq: head(disk, lane) + 1 }, state: "there" });
}

/** The chain's hash after a number. */
export function chainAt(disk: Disk, seq: number): number {
  return disk.log.events.slice(0, seq).reduce((hash, it) => chained(hash, it.row.content), 0);
}

/** The same rows go on under another epoch: the file was restored, or its card is in another machine. */
export function renew(disk: Disk, epoch: string, machine: number, replaced?: Disk): void {
  const here: Ancestor = { epoch: disk.epoch, ...each((lane) => head(disk, lane)) };
  const past = [here, ...disk.ancestors];
  const named = new Set(past.map((it) => it.epoch));
  disk.ancestors = [...beside(past, replaced).filter((it) => !named.has(it.epoch)), ...past];
  disk.epoch = epoch;
  disk.machine = machine;
}

/** What lay where a backup was put, by all its epochs, and what it shares with the backup. */
function beside(past: readonly Ancestor[], replaced: Disk | undefined): readonly Ancestor[] {
  if (replaced === undefined) return [];
  const own: Ancestor = { epoch: replaced.epoch, ...each((lane) => head(replaced, lane)) };
  const all = [own, ...replaced.ancestors];
  const shared = each((lane) => sharedPart(all, past, lane));
  return all.map((it) => ({
    epoch: it.epoch,
    ...each((lane) => Math.min(it[lane], shared[lane])),
  }));
}

/** How many rows two histories have in common, by what they say of the epochs that both name. */
export function sharedPart(
  left: readonly Ancestor[],
  right: readonly Ancestor[],
  lane: Lane,
): number {
  let most = 0;
  for (const one of left) {
    for (const other of right) {
      if (one.epoch === other.epoch) most = Math.max(most, Math.min(one[lane], other[lane]));
    }
  }
  return most;
}

/** Numbers restart; the epoch that is over is named, with nothing shared. */
export function rebirth(disk: Disk, epoch: string): Disk {
  const past = [disk.epoch, ...disk.ancestors.map((it) => it.epoch)];
  return {
    ...newDisk(epoch, disk.machine),
    ancestors: past.map((it) => ({ epoch: it, ...each(() => 0) })),
  };
}

/** The oldest confirmed row goes, with the numbers that were thinned out behind it: they are in its chunk. */
export function prune(disk: Disk, lane: Lane, cursor: number): boolean {
  const seq = first(disk, lane);
  const [entry, ...behind] = disk.log[lane].slice(seq - 1);
  const other = behind.findIndex((it) => it.state !== "thinned");
  const thinned = other < 0 ? behind : behind.slice(0, other);
  if (entry === undefined || seq + thinned.length > cursor) return false;
  for (const it of [entry, ...thinned]) it.state = "gone";
  return true;
}

/** The oldest sample goes, confirmed or not. */
export const drop = (disk: Disk): boolean => prune(disk, "samples", head(disk, "samples"));

/** The second of the three oldest unconfirmed samples that are there. */
export function thin(disk: Disk, cursor: number): boolean {
  const there = disk.log.samples.filter((it) => it.state === "there" && it.row.seq > cursor);
  const [, middle, last] = there;
  if (middle === undefined || last === undefined) return false;
  middle.state = "thinned";
  return true;
}

export function damage(disk: Disk, lane: Lane, n: number): boolean {
  const there = disk.log[lane].filter((it) => it.state === "there");
  const entry = there[n % Math.max(1, there.length)];
  if (entry === undefined) return false;
  entry.state = "damaged";
  return true;
}
