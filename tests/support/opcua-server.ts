import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Companions, SimulatedTag } from "../../drivers/opcua/simulated-companions.ts";
import type { OpcUaSimulatorOptions, SimulatedVariable } from "../../drivers/opcua/simulator.ts";

export type ServerCommand =
  | { readonly do: "set"; readonly name: string; readonly value: unknown }
  | { readonly do: "status"; readonly name: string; readonly status: string }
  | { readonly do: "get"; readonly name: string }
  | { readonly do: "add"; readonly variable: SimulatedVariable }
  | { readonly do: "weigh"; readonly weight: Parameters<Companions["weigh"]>[0] }
  | { readonly do: "scan"; readonly tags: readonly SimulatedTag[] };

const child = fileURLToPath(new URL("opcua-server-child.ts", import.meta.url));

export function serverOptions(text: string): OpcUaSimulatorOptions {
  // JSON has no word for what is not a number.
  const revive = (_key: string, value: unknown) => (value === "NaN" ? Number.NaN : value);
  return JSON.parse(text, revive) as OpcUaSimulatorOptions;
}

/** An OPC UA server in a process of its own, which can be killed and stopped like a PLC. */
export class OpcUaServerProcess implements AsyncDisposable {
  readonly endpoint: string;
  readonly certificateFile: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    process: ChildProcessByStdio<Writable, Readable, null>,
    lines: Interface,
    told: { readonly endpoint: string; readonly certificateFile: string },
    iterator: AsyncIterator<string>,
  ) {
    this.#process = process;
    this.#lines = iterator;
    this.endpoint = told.endpoint;
    this.certificateFile = told.certificateFile;
    process.once("exit", () => lines.close());
  }

  static async start(options: OpcUaSimulatorOptions): Promise<OpcUaServerProcess> {
    const started = spawn(process.execPath, [child, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, HOME: options.folder },
    });
    started.stdin.on("error", () => undefined);
    const lines = createInterface({ input: started.stdout });
    const iterator = lines[Symbol.asyncIterator]();
    const { value, done } = await iterator.next();
    if (done === true) throw new Error("the OPC UA server did not start");
    return new OpcUaServerProcess(started, lines, JSON.parse(String(value)), iterator);
  }

  get port(): number {
    return Number(/:(\d+)/.exec(this.endpoint.slice("opc.tcp:".length))?.[1]);
  }

  async tell(command: ServerCommand): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value } = await this.#lines.next();
    const { answer } = JSON.parse(String(value)) as { readonly answer: unknown };
    return answer;
  }

  /** `SIGKILL`: gone without a word. `SIGSTOP`: hangs, its connections stay open. */
  async signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void> {
    const isGone = this.#process.exitCode !== null || this.#process.signalCode !== null;
    if (isGone) return;
    this.#process.kill(name);
    if (name === "SIGKILL") await once(this.#process, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.signal("SIGKILL");
  }
}
