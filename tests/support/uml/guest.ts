import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface GuestOptions {
  /** A script, which is the guest's first process. */
  readonly init: string;
  /** As the kernel takes it: `384M`. The pages that are never touched cost the host nothing. */
  readonly memory: string;
  /** What is plugged into it: `ubd0=FILE`, `eth0=tuntap,TAP`. */
  readonly devices: readonly string[];
  /** Environment of the first process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A second Linux (user-mode Linux) with its own kernel, page cache and file system, as a process of this machine. To
 * kill it is a power cut: what it had not flushed to its card is gone.
 */
export class Guest implements AsyncDisposable {
  /** What was printed so far, by lines. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  constructor({ init, memory, devices, env = {} }: GuestOptions) {
    const kernel = [
      ...[`mem=${memory}`, "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "rw", "quiet"],
      ...[`init=${init}`, "con=null", "con0=fd:0,fd:1", ...devices],
    ];
    const settings = Object.entries(env).map(([name, value]) => `"${name}=${value}"`);
    const args = [...kernel, ...settings];
    // A session of its own: everything in it goes with the power.
    this.#child = spawn("linux.uml", args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
    if (this.#child.stdout === null) throw new Error("no standard output");
    // It may be gone before it has read what it was told.
    this.#child.stdin?.on("error", () => undefined);
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.lines.push(line.trimEnd());
      for (const wake of this.#waiting) wake();
    });
    this.#closed = once(this.#child, "close").then(() => {
      this.#isClosed = true;
      for (const wake of this.#waiting) wake();
    });
  }

  /** A line for whatever reads the guest's console. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The first line that fits, now or later. @throws Error when the guest ends before, or never prints it. */
  async line(fits: (line: string) => boolean, timeoutMs = 120_000): Promise<string> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const found = this.lines.find(fits);
      if (found !== undefined) return found;
      if (this.#isClosed || performance.now() > until) {
        throw new Error(`the guest did not say it:\n${this.lines.slice(-40).join("\n")}`);
      }
      await this.#change();
    }
  }

  /** At once and without a word, as when the plug is pulled. */
  async cutPower(): Promise<void> {
    const pid = this.#child.pid ?? 0;
    // Its kernel stands still first: it traces its processes, and one whose tracer dies runs on as root of this machine.
    signal(pid, "SIGSTOP");
    while (!standing.has(stateOf(pid))) await sleep(1);
    for (const each of membersOf(pid)) signal(each, "SIGKILL");
    signal(pid, "SIGKILL");
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.cutPower();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), 1_000);
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}

/** Stopped, or at its end. */
const standing = new Set(["T", "Z", "X", undefined]);

function signal(pid: number, name: "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Processes of the session that a process leads. */
function membersOf(leader: number): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    const isMember = Number.isInteger(pid) && pid !== leader && statOf(pid)[3] === `${leader}`;
    return isMember ? [pid] : [];
  });
}

function stateOf(pid: number): string | undefined {
  return statOf(pid)[0];
}

/** State, parent, group, session. Empty: there is no such process. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
