import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setImmediate } from "node:timers/promises";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, GpioHost, InputLine, OnLost, TellLevel } from "./backend.ts";
import { toolEnvironment, toolFailure, untilGone } from "./gpiod-tools.ts";
import { GpioMonitor } from "./gpiomon.ts";
import type { Level, LineLevel } from "./plan.ts";

/** The tool answers in a millisecond; after this the line counts as not driven. */
const answerTimeoutMs = 2_000;

/** An answer has 20 bytes; only the end of what the tool printed is kept. */
const outputBytesMax = 4_096;

interface Expected {
  readonly answer: RegExp;
  readonly resolve: () => void;
  readonly reject: (error: RackwatchError) => void;
}

/**
 * libgpiod 2.x: one `gpioset --interactive` holds all lines and takes `set LINE=LEVEL` on its standard input. Each
 * `set` is followed by a `get`, whose answer says that the set was carried out. Two traps of the tool: the end of its
 * input does not end it but makes it print prompts without pause, so it is told `exit`; and its standard output must
 * be a pipe, because then a gateway that was killed ends it at its next prompt (SIGPIPE).
 */
export class GpiodV2 implements GpioBackend {
  readonly name: string;
  readonly #host: GpioHost;
  readonly #chip: string;
  readonly #onLost: OnLost;
  readonly #inputs: GpioMonitor;
  #child: ChildProcessWithoutNullStreams | undefined;
  #ended: Promise<void> = Promise.resolve();
  #leaving = false;
  #output = "";
  #errors = "";
  #expected: Expected | undefined;
  #turn: Promise<void> = Promise.resolve();

  /** `chip` is a path such as `/dev/gpiochip0`. */
  constructor(name: string, chip: string, host: GpioHost, onLost: OnLost) {
    this.name = name;
    this.#chip = chip;
    this.#host = host;
    this.#onLost = onLost;
    this.#inputs = new GpioMonitor(2, chip, host, onLost);
  }

  watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    return this.#inputs.watch(lines, tell);
  }

  async request(lines: readonly LineLevel[]): Promise<void> {
    const first = lines[0];
    if (first === undefined) return;
    this.#start(lines);
    await this.#inTurn(() => this.#command(`get ${first.line}`, answerFor(first)));
  }

  write(line: number, level: Level): Promise<void> {
    return this.#inTurn(() =>
      this.#command(`set ${line}=${level}\nget ${line}`, answerFor({ line, level })),
    );
  }

  async release(): Promise<void> {
    await this.#inputs.release();
    const child = this.#child;
    if (child === undefined) return;
    this.#leaving = true;
    child.stdin.write("exit\n");
    await untilGone(child, this.#ended, this.#host.clock, answerTimeoutMs);
  }

  #start(lines: readonly LineLevel[]): void {
    const levels = lines.map(({ line, level }) => `${line}=${level}`);
    const args = ["--interactive", "--consumer", "rackwatch", "--chip", this.#chip, ...levels];
    const child = spawn("gpioset", args, { env: toolEnvironment(this.#host), stdio: "pipe" });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-outputBytesMax);
    });
    // A tool that is gone breaks its pipe; that it is gone is told by `close`.
    child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#errors = error.message;
      });
      child.on("close", () => {
        this.#child = undefined;
        this.#close();
        resolve();
      });
    });
  }

  #close(): void {
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected !== undefined) {
      expected.reject(toolFailure(this.#errors.trim(), `a line of ${this.#chip}`));
    } else if (!this.#leaving) {
      const message = `the gpioset that held the lines of ${this.#chip} ended`;
      const todo = "find out who ended it";
      this.#onLost(
        new RackwatchError("driver/connection-lost", message, { where: this.#chip, todo }),
      );
    }
  }

  #read(text: string): void {
    this.#output = (this.#output + text).slice(-outputBytesMax);
    if (this.#expected?.answer.test(this.#output) !== true) return;
    const { resolve } = this.#expected;
    this.#expected = undefined;
    resolve();
  }

  /** One command at a time: an answer carries no number that would tell whose it is. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #command(text: string, answer: RegExp): Promise<void> {
    const child = this.#child;
    if (child === undefined) {
      throw new RackwatchError("driver/connection-lost", `nothing holds ${this.#chip} any more`, {
        where: this.#chip,
      });
    }
    this.#output = "";
    this.#errors = "";
    const done = new AbortController();
    const answered = new Promise<void>((resolve, reject) => {
      this.#expected = { answer, resolve, reject };
      this.#host.clock.sleep(answerTimeoutMs, done.signal).then(
        () => reject(this.#silent(text)),
        () => undefined,
      );
    });
    child.stdin.write(`${text}\n`);
    try {
      await answered;
    } finally {
      this.#expected = undefined;
      done.abort();
    }
    // The tool complains on standard error before it answers; one turn of the loop later that text is here too.
    await setImmediate();
    if (this.#errors !== "") throw toolFailure(this.#errors.trim(), `a line of ${this.#chip}`);
  }

  #silent(text: string): RackwatchError {
    const message = `gpioset did not answer "${text.replace("\n", "; ")}" in ${answerTimeoutMs} ms`;
    return new RackwatchError("driver/timeout", message, { where: this.#chip });
  }
}

/** `"17"=active`; a line's number may be the end of another's. */
function answerFor({ line, level }: LineLevel): RegExp {
  return new RegExp(`(?<!\\d)${line}"?=${level === 1 ? "active" : "inactive"}`);
}
