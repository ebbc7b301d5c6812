import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const project = join(import.meta.dirname, "../../..");

/** Booting takes two seconds; ten times that and it will not come any more. */
const bootTimeoutMs = 30_000;

/** A command on the machine; one that hangs would hang the test, which cannot look at its own clock meanwhile. */
const commandTimeoutMs = 60_000;

const bootTarget = "[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n";

/**
 * A machine with systemd as process 1, in a container: the files of this one under an overlay, so that nothing has to
 * be installed or downloaded and nothing here is changed, and the project in /opt/rackwatch. Needs root.
 */
export class Machine {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #init: number;

  private constructor(folder: string, child: ChildProcess, init: number) {
    this.#folder = folder;
    this.#child = child;
    this.#init = init;
  }

  /** `files`: what lies on the machine's disk before it boots. A key is a path, a value the text. */
  static async boot(
    files: Readonly<Record<string, string>>,
    folders: Readonly<Record<string, string>> = {},
  ): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-machine-"));
    const [upper, work, root] = ["upper", "work", "root"].map((name) => join(folder, name));
    for (const path of [upper, work, root]) mkdirSync(path ?? "");
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(upper ?? "", path)), { recursive: true });
      writeFileSync(join(upper ?? "", path), text);
    };
    for (const [path, source] of Object.entries(folders)) {
      cpSync(source, join(upper ?? "", path), { recursive: true });
    }
    write("/etc/machine-id", "");
    write("/etc/systemd/system/rackwatch-boot.target", bootTarget);
    mkdirSync(join(upper ?? "", "opt/rackwatch"), { recursive: true });
    for (const [path, text] of Object.entries(files)) write(path, text);
    const nspawn = `systemd-nspawn --quiet -D ${root} --register=no --keep-unit --private-network --console=pipe`;
    const steps = [
      `mount -t overlay overlay -o lowerdir=/,upperdir=${upper},workdir=${work} ${root}`,
      `exec ${nspawn} --bind-ro=${project}:/opt/rackwatch -b systemd.unit=rackwatch-boot.target`,
    ];
    const unshare = ["-m", "--propagation", "private", "sh", "-c", steps.join(" && ")];
    const child = spawn("unshare", unshare, { stdio: "ignore" });
    const machine = new Machine(folder, child, await initOf(child));
    await machine.#booted();
    return machine;
  }

  /** Runs a command on the machine. */
  run(...command: readonly string[]) {
    const args = ["-t", String(this.#init), "-m", "-p", "-u", "-n", "-i", ...command];
    return spawnSync("nsenter", args, {
      encoding: "utf8",
      timeout: commandTimeoutMs,
      killSignal: "SIGKILL",
    });
  }

  /** Properties of a unit, as `systemctl show` gives them. */
  show<Name extends string>(
    unit: string,
    ...names: readonly Name[]
  ): Readonly<Record<Name, string>> {
    const { stdout } = this.run(
      "systemctl",
      "show",
      unit,
      ...names.flatMap((name) => ["-p", name]),
    );
    const values = stdout.split("\n").map((row) => row.split(/=(.*)/s));
    const found = (name: Name) => values.find(([key]) => key === name)?.[1] ?? "";
    return Object.fromEntries(names.map((name) => [name, found(name)])) as Record<Name, string>;
  }

  journal(unit: string): string {
    return this.run("journalctl", "-u", unit, "-o", "cat", "--no-pager").stdout;
  }

  read(path: string): string {
    return readFileSync(join(`/proc/${this.#init}/root`, path), "utf8");
  }

  async powerOff(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.run("systemctl", "poweroff", "-ff");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #booted(): Promise<void> {
    const until = performance.now() + bootTimeoutMs;
    while (!/running|degraded/.test(this.run("systemctl", "is-system-running").stdout)) {
      if (performance.now() > until) throw new Error("the machine did not boot");
      await sleep(100);
    }
  }
}

/** The first process of the container, seen from outside. */
async function initOf(nspawn: ChildProcess): Promise<number> {
  const until = performance.now() + bootTimeoutMs;
  for (;;) {
    const children = spawnSync("ps", ["--ppid", String(nspawn.pid), "-o", "pid=,comm="], {
      encoding: "utf8",
    });
    const init = /^\s*(\d+) systemd$/m.exec(children.stdout);
    if (init !== null) return Number(init[1]);
    if (performance.now() > until || nspawn.exitCode !== null) {
      throw new Error("systemd-nspawn did not start");
    }
    await sleep(50);
  }
}
