import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Namespace } from "../network/namespace.ts";
import { Guest } from "./guest.ts";

const init = fileURLToPath(new URL("switch.sh", import.meta.url));

/** What a bad line does to packets, as `tc-netem(8)` takes it: `delay 300ms 200ms loss 5%`. */
export type Faults = string;

/**
 * Lines through a second kernel, which can do to packets what the kernels of many machines cannot (netem): delay,
 * jitter, loss, other order, twice, a rate. Each ends in a network namespace of its own.
 */
export class BadLines implements AsyncDisposable {
  readonly spaces: readonly Namespace[];
  readonly #guest: Guest;
  readonly #opened: AsyncDisposableStack;

  private constructor(guest: Guest, spaces: readonly Namespace[], opened: AsyncDisposableStack) {
    this.#guest = guest;
    this.spaces = spaces;
    this.#opened = opened;
  }

  /** @throws Error without root, or where there is no user-mode Linux. */
  static async open(count: number): Promise<BadLines> {
    await using opened = new AsyncDisposableStack();
    const id = randomInt(1, 100_000);
    const taps = Array.from({ length: 2 * count }, (_, port) => `rwl${id}-${port}`);
    for (const tap of taps) {
      ip("tuntap", "add", "dev", tap, "mode", "tap");
      // One that was moved to a namespace went with it.
      opened.defer(() => removed(tap));
    }
    const guest = opened.use(
      new Guest({
        ...{ init, memory: "64M", env: { LINES_COUNT: `${count}` } },
        devices: taps.map((tap, port) => `eth${port}=tuntap,${tap}`),
      }),
    );
    await guest.line((line) => line === "READY");
    const spaces = Array.from({ length: count }, (_, line) =>
      opened.use(new Namespace({ near: taps[2 * line] ?? "", far: taps[2 * line + 1] ?? "" })),
    );
    return new BadLines(guest, spaces, opened.move());
  }

  /** From now on, both ways; each way has the whole of it. */
  async become(line: number, faults: Faults): Promise<void> {
    for (const port of [2 * line, 2 * line + 1]) {
      await this.#order(`tc qdisc replace dev eth${port} root netem ${faults}`);
    }
  }

  async #order(order: string): Promise<void> {
    const already = this.#guest.lines.length;
    this.#guest.say(order);
    const isAnswer = (text: string) => text.startsWith("DONE ") && text.endsWith(` ${order}`);
    const answer = await this.#guest.line(
      (text) => isAnswer(text) && this.#guest.lines.lastIndexOf(text) >= already,
    );
    if (!answer.startsWith("DONE 0 ")) throw new Error(this.#guest.lines.slice(-3).join("\n"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", [...args], { stdio: "pipe" });
}

function removed(tap: string): void {
  try {
    ip("link", "del", tap);
  } catch {
    // Gone with its namespace.
  }
}
