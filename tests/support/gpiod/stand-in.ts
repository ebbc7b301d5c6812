import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const source = join(import.meta.dirname, "gpiod.c");

export interface LevelChange {
  /** Seconds of CLOCK_MONOTONIC. */
  readonly at: number;
  readonly line: number;
  readonly level: "0" | "1" | "free";
}

/** What the stand-in wrote in its levels.log. */
export function changesIn(log: string): readonly LevelChange[] {
  return log
    .trimEnd()
    .split("\n")
    .map((row) => {
      const [at = "", line = "", level = ""] = row.split(" ");
      const known = level === "0" || level === "1" ? level : "free";
      return { at: Number(at), line: Number(line), level: known };
    });
}

export function levelsIn(changes: readonly LevelChange[], line: number): string {
  return changes
    .filter((it) => it.line === line && it.level !== "free")
    .map(({ level }) => level)
    .join("");
}

/** Folders with stand-ins for libgpiod's tools, and what happened to the lines. */
export class GpiodStandIn {
  readonly folder = mkdtempSync(join(tmpdir(), "rackwatch-gpiod-"));
  /** To be searched for programs, instead of the real folders. */
  readonly programs = join(this.folder, "bin");

  constructor(generation: 1 | 2) {
    mkdirSync(this.programs);
    const binaries = join(this.folder, "real");
    mkdirSync(binaries);
    const compiled = join(binaries, "gpioset");
    execFileSync("gcc", [
      "-O1",
      "-Wall",
      "-Werror",
      "-Wno-format-truncation",
      source,
      "-o",
      compiled,
    ]);
    for (const tool of ["gpioset", "gpioget", "gpiomon", "gpiodetect"]) {
      if (tool !== "gpioset") execFileSync("cp", [compiled, join(binaries, tool)]);
      const script = join(this.programs, tool);
      const run = `RACKWATCH_GPIOD=${this.folder} exec ${join(binaries, tool)} "$@"`;
      writeFileSync(script, `#!/bin/sh\n${run}\n`);
      chmodSync(script, 0o755);
    }
    this.put("generation", String(generation));
    this.put(
      "chips",
      "gpiochip0 [pinctrl-bcm2711] (58 lines)\ngpiochip1 [raspberrypi-exp-gpio] (8 lines)\n",
    );
  }

  /** What happens outside, on the pin of an input. */
  setInput(line: number, level: 0 | 1): void {
    this.put(`input-${line}`, String(level));
  }

  /** Which tools took inputs, and with which bias. */
  get inputs(): readonly string[] {
    return readFileSync(join(this.folder, "inputs.log"), "utf8").trim().split("\n");
  }

  put(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  drop(name: string): void {
    rmSync(join(this.folder, name), { force: true });
  }

  get changes(): readonly LevelChange[] {
    const path = join(this.folder, "levels.log");
    return existsSync(path) ? changesIn(readFileSync(path, "utf8")) : [];
  }

  /** Levels that one line took, in order, without the gaps between two holders. */
  levelsOf(line: number): string {
    return levelsIn(this.changes, line);
  }

  /** Process ids of the tools of this stand-in that still run. */
  get holders(): readonly string[] {
    const mine = `RACKWATCH_GPIOD=${this.folder}\0`;
    const all = execFileSync("ls", ["/proc"], { encoding: "utf8" }).split("\n");
    return all.filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mine);
      } catch {
        return false;
      }
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
