import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const script = join(import.meta.dirname, "channel.ts");

/** A GPIO channel in a process that can be killed. `prefix` is a command that starts others, such as nsenter. */
export class ChannelProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: AsyncIterator<string>;

  constructor(prefix: readonly string[] = []) {
    const [program = process.execPath, ...args] = [...prefix, process.execPath, script];
    this.#child = spawn(program, args, { stdio: "pipe" });
    this.#child.stderr.pipe(process.stderr);
    this.#replies = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async #ask(request: unknown): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#replies.next();
    if (done === true) throw new Error("the channel's process has ended");
    const reply: { readonly value?: unknown; readonly error?: object } = JSON.parse(value);
    if (reply.error !== undefined) throw Object.assign(new Error("refused"), reply.error);
    return reply.value;
  }

  /** Resolves to the backend's name. */
  open(channel: unknown, programs?: string): Promise<unknown> {
    return this.#ask({ open: channel, programs });
  }

  write(point: string, value: boolean): Promise<unknown> {
    return this.#ask({ write: [point, value] });
  }

  /** Resolves to the next samples of the channel's inputs. */
  sample(): Promise<unknown> {
    return this.#ask({ sample: true });
  }

  close(): Promise<unknown> {
    return this.#ask({ close: true });
  }

  /** How many `value` files the process has open. */
  descriptors(): Promise<unknown> {
    return this.#ask({ descriptors: true });
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
