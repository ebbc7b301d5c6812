import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, GpioHost, InputLine, OnLost, TellLevel } from "./backend.ts";
import { toolEnvironment, toolFailure, untilGone } from "./gpiod-tools.ts";
import { GpioMonitor } from "./gpiomon.ts";
import type { Level, LineLevel } from "./plan.ts";

/** A loaded gateway needs 20 ms from spawn to a set line; ten times that and the tool hangs. */
const holdTimeoutMs = 2_000;

/** How long a holder that was told to go may take before it is killed. */
const leaveTimeoutMs = 1_000;

/** The tool says no word when the line is set, so its state is looked at this often. */
const lookMs = 2;

/** The tool prints one line when it fails; more of its text is dropped. */
const messageBytesMax = 2_048;

interface Holder {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  leaving: boolean;
}

/**
 * libgpiod 1.x: `gpioset --mode=wait CHIP LINE=LEVEL` sets a line and holds it until its standard input ends. It
 * cannot change the level, so each change replaces the process: the old one goes first, because the kernel gives a
 * line to one holder only. One process per line, so that a change lets go of no other line. Standard input is a pipe
 * from this process: when this process dies, even by SIGKILL, every holder sees the end of its input and goes too.
 */
export class GpiodV1 implements GpioBackend {
  readonly name: string;
  readonly #host: GpioHost;
  readonly #chip: string;
  readonly #onLost: OnLost;
  readonly #inputs: GpioMonitor;
  readonly #holders = new Map<number, Holder>();

  /** `chip` is a path such as `/dev/gpiochip0`. */
  constructor(name: string, chip: string, host: GpioHost, onLost: OnLost) {
    this.name = name;
    this.#chip = chip;
    this.#host = host;
    this.#onLost = onLost;
    this.#inputs = new GpioMonitor(1, chip, host, onLost);
  }

  watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    return this.#inputs.watch(lines, tell);
  }

  async request(lines: readonly LineLevel[]): Promise<void> {
    const done = await Promise.allSettled(lines.map(({ line, level }) => this.#hold(line, level)));
    const failed = done.find((it) => it.status === "rejected");
    if (failed === undefined) return;
    await this.release();
    throw failed.reason;
  }

  async write(line: number, level: Level): Promise<void> {
    const holder = this.#holders.get(line);
    if (holder !== undefined) await leave(holder, this.#host.clock);
    this.#holders.delete(line);
    await this.#hold(line, level);
  }

  async release(): Promise<void> {
    const holders = [...this.#holders.values()];
    this.#holders.clear();
    const leaving = holders.map((holder) => leave(holder, this.#host.clock));
    await Promise.all([this.#inputs.release(), ...leaving]);
  }

  async #hold(line: number, level: Level): Promise<void> {
    const where = `line ${line} of ${this.#chip}`;
    const holder = start(this.#host, ["--mode=wait", this.#chip, `${line}=${level}`]);
    const early = holder.ended.then((message) => ({ message }));
    const settled = await Promise.race([early, asleep(holder.child, this.#host.clock)]);
    if (typeof settled === "object") throw toolFailure(settled.message, where);
    if (settled === "late") {
      await leave(holder, this.#host.clock);
      throw new RackwatchError("driver/timeout", `gpioset did not set ${where} in time`, {
        where,
        todo: "run gpioset by hand to see where it hangs",
      });
    }
    this.#holders.set(line, holder);
    void holder.ended.then((message) => {
      if (!holder.leaving) this.#onLost(lineLost(where, message));
    });
  }
}

function lineLost(where: string, message: string): RackwatchError {
  return new RackwatchError("driver/connection-lost", `the gpioset that held ${where} ended`, {
    where,
    todo: "find out who ended it",
    cause: message,
  });
}

function start(host: GpioHost, args: readonly string[]): Holder {
  const child = spawn("gpioset", [...args], {
    env: toolEnvironment(host),
    stdio: ["pipe", "ignore", "pipe"],
  });
  let message = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    message = (message + text).slice(0, messageBytesMax);
  });
  // A holder that is gone breaks its pipe; that it is gone is told by `ended`.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(message.trim()));
  });
  return { child, ended, leaving: false };
}

async function leave(holder: Holder, clock: Clock): Promise<void> {
  holder.leaving = true;
  holder.child.stdin?.end();
  await untilGone(holder.child, holder.ended, clock, leaveTimeoutMs);
}

/**
 * The tool opens the chip, sets the line with one ioctl and then waits for its input: the first time that it sleeps
 * interruptibly (state S of proc(5)) the line is set. Before that it runs (R) or waits for the disk (D).
 */
async function asleep(child: ChildProcess, clock: Clock): Promise<"asleep" | "late"> {
  const until = clock.monotonicMs() + holdTimeoutMs;
  while (clock.monotonicMs() < until) {
    if ((await processState(child.pid)) === "S") return "asleep";
    await clock.sleep(lookMs);
  }
  return "late";
}

async function processState(pid: number | undefined): Promise<string | undefined> {
  if (pid === undefined) return undefined;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).at(0);
  } catch {
    // It has ended; `ended` says with what message.
    return undefined;
  }
}
