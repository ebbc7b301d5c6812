import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const source = join(import.meta.dirname, "gpiofs.c");

export interface GpioFsSettings {
  readonly base?: number;
  readonly label?: string;
  /** Line that a kernel driver holds. */
  readonly held?: number;
  /** Line whose direction cannot be changed. */
  readonly stuck?: number;
  /** How long udev takes to hand out a fresh line. */
  readonly grantMs?: number;
}

/** A fake /sys/class/gpio in a mount namespace of its own; whoever is started by `prefix` sees it. Needs root. */
export class GpioFs {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  static async mount(settings: GpioFsSettings = {}): Promise<GpioFs> {
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-gpiofs-"));
    const binary = join(folder, "gpiofs");
    const flags = execFileSync("pkg-config", ["--cflags", "--libs", "fuse3"], { encoding: "utf8" });
    const strict = ["-Wall", "-Wextra", "-Werror", "-Wno-format-truncation"];
    execFileSync("gcc", ["-O1", ...strict, source, "-o", binary, ...flags.trim().split(/\s+/)]);
    const set = (name: string, value: number | string | undefined) =>
      value === undefined ? {} : { [`GPIOFS_${name}`]: String(value) };
    const env = {
      ...process.env,
      GPIOFS_LOG: join(folder, "levels.log"),
      ...set("BASE", settings.base),
      ...set("LABEL", settings.label),
      ...set("HELD", settings.held),
      ...set("STUCK", settings.stuck),
      ...set("GRANT_MS", settings.grantMs),
    };
    const steps = `mount -t tmpfs none /sys/class && mkdir /sys/class/gpio && exec ${binary} -f /sys/class/gpio`;
    const unshare = ["-m", "--propagation", "private", "sh", "-c", steps];
    const child = spawn("unshare", unshare, { env, stdio: ["ignore", "ignore", "ignore"] });
    const mounted = new GpioFs(folder, child);
    for (let tries = 0; !existsSync(mounted.path("export")); tries += 1) {
      if (tries > 500 || child.exitCode !== null) throw new Error("gpiofs did not mount");
      await sleep(10);
    }
    return mounted;
  }

  /** Command that runs another one where the fake is mounted. */
  get prefix(): readonly string[] {
    return ["nsenter", "-t", String(this.#child.pid), "-m"];
  }

  /** A file of the fake, as seen from outside its namespace. */
  path(name: string): string {
    return join(`/proc/${this.#child.pid}/root/sys/class/gpio`, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8").trim();
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** What happens outside, on the pin of an input. */
  setInput(line: number, level: 0 | 1): void {
    this.write("inputs", `${line} ${level}`);
  }

  /** Levels that one line was driven to, in order, for example `0101`. */
  levelsOf(line: number): string {
    const log = join(this.#folder, "levels.log");
    if (!existsSync(log)) return "";
    return readFileSync(log, "utf8")
      .split("\n")
      .map((row) => row.split(" "))
      .filter(([, offset]) => offset === String(line))
      .map(([, , level]) => level)
      .join("");
  }

  async unmount(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
