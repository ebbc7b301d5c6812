import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { RackwatchError } from "../errors.ts";
import type { GpioHost, InputLine, OnLost, TellLevel } from "./backend.ts";
import { ask, toolEnvironment, toolFailure, untilGone } from "./gpiod-tools.ts";
import type { Bias } from "./schema.ts";

/**
 * The levels are read anew after this time. Between reading a level and watching its edges lies the start of a
 * process, 10 to 30 ms in which an edge is missed, and the kernel keeps only 16 unread edges: both are put right here.
 */
const firstLookMs = 1_000;
const lookMs = 60_000;

/** How long a tool that was told to go may take before it is killed. */
const leaveTimeoutMs = 1_000;

/** The tool prints one line when it fails; more of its text is dropped. */
const messageBytesMax = 2_048;

/**
 * The tool ends with this process, even by SIGKILL: its guardian sees the end of standard input. The tool itself
 * would notice only at the next edge, and hold its lines until then.
 */
const guarded = 'exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

/**
 * Inputs through libgpiod's tools: levels from gpioget, edges from gpiomon, which holds its lines as long as it runs.
 * One pair for each bias, because a tool sets one bias for all of its lines.
 */
export class GpioMonitor {
  readonly #generation: 1 | 2;
  readonly #chip: string;
  readonly #host: GpioHost;
  readonly #onLost: OnLost;
  readonly #released = new AbortController();
  readonly #groups: Promise<void>[] = [];

  constructor(generation: 1 | 2, chip: string, host: GpioHost, onLost: OnLost) {
    this.#generation = generation;
    this.#chip = chip;
    this.#host = host;
    this.#onLost = onLost;
  }

  async watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    const groups = Map.groupBy(lines, ({ bias }) => bias);
    for (const [bias, members] of groups) {
      const numbers = members.map(({ line }) => line);
      await this.#read(numbers, bias, tell);
      const run = this.#run(numbers, bias, tell).catch((error: unknown) => {
        if (!(error instanceof RackwatchError)) throw error;
        if (!this.#released.signal.aborted) this.#onLost(error);
      });
      this.#groups.push(run);
    }
  }

  async release(): Promise<void> {
    this.#released.abort();
    await Promise.all(this.#groups);
  }

  async #run(lines: readonly number[], bias: Bias, tell: TellLevel): Promise<void> {
    const { clock } = this.#host;
    const { signal } = this.#released;
    for (let waitMs = firstLookMs; !signal.aborted; waitMs = lookMs) {
      const monitor = this.#start(lines, bias, tell);
      const due = new AbortController();
      const wait = clock.sleep(waitMs, AbortSignal.any([signal, due.signal])).then(
        () => undefined,
        () => undefined,
      );
      const failure = await Promise.race([monitor.ended, wait]);
      due.abort();
      if (failure !== undefined) throw this.#lost(failure);
      await monitor.leave();
      if (!signal.aborted) await this.#read(lines, bias, tell);
    }
  }

  async #read(lines: readonly number[], bias: Bias, tell: TellLevel): Promise<void> {
    const where = `line ${lines.join(", ")} of ${this.#chip}`;
    const args = this.#arguments(bias, this.#generation === 2 ? ["--numeric"] : []);
    const { code, stdout, stderr } = await ask(this.#host, "gpioget", [
      ...args,
      ...lines.map(String),
    ]);
    if (code === undefined)
      throw new RackwatchError("driver/unavailable", "gpioget is not installed", {
        where,
        todo: "apt install gpiod",
      });
    const levels = stdout.trim().split(/\s+/);
    if (code !== 0 || levels.length !== lines.length) throw toolFailure(stderr, where);
    for (const [index, line] of lines.entries()) tell(line, levels[index] === "1" ? 1 : 0);
  }

  #start(lines: readonly number[], bias: Bias, tell: TellLevel): Monitor {
    const own = this.#generation === 2 ? ["--consumer", "rackwatch"] : ["--line-buffered"];
    const args = this.#arguments(bias, ["--format=%o %e", ...own]);
    const command = ["gpiomon", ...args, ...lines.map(String)];
    const child = spawn("sh", ["-c", guarded, "sh", ...command], {
      env: toolEnvironment(this.#host),
      stdio: "pipe",
    });
    return new Monitor(child, this.#host, (line, kind) => tell(line, kind === "1" ? 1 : 0));
  }

  #arguments(bias: Bias, more: readonly string[]): readonly string[] {
    if (this.#generation === 2) {
      const named = bias === "as-is" ? [] : ["--bias", bias];
      return [...more, ...named, "--chip", this.#chip];
    }
    return [...more, `--bias=${bias === "disabled" ? "disable" : bias}`, this.#chip];
  }

  #lost(message: string): RackwatchError {
    return new RackwatchError("driver/connection-lost", `gpiomon on ${this.#chip} ended`, {
      where: this.#chip,
      todo: "run gpiomon by hand to see why it ends",
      cause: message,
    });
  }
}

/** Generation 1 prints 1 for rising and 0 for falling, generation 2 prints 1 and 2. */
const edgeLine = /^(\d+) ([012])$/;

class Monitor {
  /** Resolves to its message when the tool ends. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #host: GpioHost;

  constructor(
    child: ChildProcessWithoutNullStreams,
    host: GpioHost,
    edge: (line: number, kind: string) => void,
  ) {
    this.#child = child;
    this.#host = host;
    let message = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      message = (message + text).slice(0, messageBytesMax);
    });
    // A tool that is gone breaks its pipe; that it is gone is told by `ended`.
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (row) => {
      const [, line, kind] = edgeLine.exec(row) ?? [];
      if (line !== undefined && kind !== undefined) edge(Number(line), kind);
    });
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", () => resolve(message.trim()));
      child.on("exit", () => child.stdin.end());
    });
  }

  async leave(): Promise<void> {
    this.#child.kill("SIGTERM");
    await untilGone(this.#child, this.ended, this.#host.clock, leaveTimeoutMs);
  }
}
