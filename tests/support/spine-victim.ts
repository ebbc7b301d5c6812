import { type ChildProcess, spawn } from "node:child_process";

/** What a process said last, kept for whoever asks why it ended. */
const saidCharsMax = 4_000;

/** Work that counts as being at it: on a busy machine a ready gateway has not read anything for a second. */
const worksMin = 3;

/** A process that is killed at any moment, and begun again at once. */
export class Victim {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #readyEvent: string;
  readonly #worked: () => number;
  #workedBefore = 0;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #saysReady = false;
  #said = "";
  #isRemoved = false;
  /** Kills that met it before it was at work, and while it was. */
  readonly killed = { starting: 0, working: 0 };
  /** How it ended by itself, which it must not. */
  readonly deaths: string[] = [];

  /**
   * @param readyEvent what it logs when it is ready.
   * @param worked how often it did its work, by somebody else's count; absent: being ready is enough.
   */
  constructor(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    readyEvent: string,
    worked: () => number = () => Number.POSITIVE_INFINITY,
  ) {
    this.name = name;
    this.#args = args;
    this.#env = env;
    this.#readyEvent = `"event":"${readyEvent}"`;
    this.#worked = worked;
  }

  /** At work since it was begun last. */
  get isReady(): boolean {
    return this.#saysReady && this.#worked() >= this.#workedBefore + worksMin;
  }

  /** What it said since it was begun last, and whether it still runs: for whoever asks why something did not happen. */
  get story(): string {
    const ended = this.#child?.exitCode ?? this.#child?.signalCode ?? "runs";
    return `${this.name} (${ended}, ${this.isReady ? "ready" : "starting"}): ${this.#said}`;
  }

  get kills(): number {
    return this.killed.starting + this.killed.working;
  }

  /** Begins it, unless it was removed. */
  start(): void {
    if (this.#isRemoved) return;
    const child = spawn(process.execPath, [...this.#args], {
      env: { ...process.env, ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#saysReady = false;
    this.#workedBefore = this.#worked();
    this.#said = "";
    const hear = (data: Buffer) => {
      this.#said = (this.#said + data.toString()).slice(-saidCharsMax);
      if (this.#child === child && this.#said.includes(this.#readyEvent)) this.#saysReady = true;
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    this.#exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        if (signal !== "SIGKILL" && code !== 0) {
          this.deaths.push(`${this.name} ended with ${signal ?? code}: ${this.#said}`);
        }
        resolve();
      });
    });
  }

  /** Stops it where it is: it neither works nor ends until it is killed. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Resolves when it is gone; whoever kills it begins it again. */
  async kill(): Promise<void> {
    this.killed[this.isReady ? "working" : "starting"] += 1;
    await this.#end("SIGKILL");
  }

  /** Ends it as an orderly machine does. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Ends it for good, whatever state it is in, without counting. */
  remove(): Promise<void> {
    this.#isRemoved = true;
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await this.#exited;
  }
}
