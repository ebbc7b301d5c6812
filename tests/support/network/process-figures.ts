import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";

export interface ProcessFigures {
  /** Open files and sockets. */
  readonly files: number;
  readonly sockets: number;
  readonly residentBytes: number;
  /** Highest since the start, or since `resetPeak`. */
  readonly peakBytes: number;
}

/** What a process of this machine holds. */
export function processFigures(pid: number): ProcessFigures {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1_024;
  return {
    files: targets.length,
    sockets: targets.filter((it) => it.startsWith("socket:")).length,
    residentBytes: bytes("VmRSS"),
    peakBytes: bytes("VmHWM"),
  };
}

/** Lets the peak of the memory begin again at what is held now. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
