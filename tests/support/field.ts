import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { SampleView } from "../../gateway/panel/api.ts";
import type { OpcUaServerProcess } from "./opcua-server.ts";

/** What a field consists of. */
export interface FieldPlan {
  readonly lines: readonly { readonly units: number }[];
  /** Languages of scales. */
  readonly scales: readonly string[];
  /** Languages of readers. */
  readonly readers: readonly string[];
  /** Before each reader. */
  readonly tags: number;
  readonly readsPerSecond: number;
}

/** In the order of the plan, as they stand in `port:`. */
export interface FieldAddresses {
  readonly lines: readonly string[];
  readonly scales: readonly string[];
  readonly readers: readonly string[];
}

export interface FieldCommand {
  /** Index of a line: all its units are well, but `deadUnit`. */
  readonly line?: number;
  readonly deadUnit?: number;
  readonly reader?: number;
  readonly babbles?: boolean;
}

const child = fileURLToPath(new URL("field-devices-child.ts", import.meta.url));

/** Simulated lines, scales and readers in a process of their own. */
export class FieldDevices implements AsyncDisposable {
  readonly addresses: FieldAddresses;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    process: ChildProcessByStdio<Writable, Readable, null>,
    lines: AsyncIterator<string>,
    addresses: FieldAddresses,
  ) {
    this.#process = process;
    this.#lines = lines;
    this.addresses = addresses;
  }

  static async start(plan: FieldPlan): Promise<FieldDevices> {
    const started = spawn(process.execPath, [child, JSON.stringify(plan)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    started.stdin.on("error", () => undefined);
    const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the simulated field did not start");
    return new FieldDevices(started, lines, JSON.parse(String(value)));
  }

  /** Resolves when it is so. */
  async tell(command: FieldCommand): Promise<void> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    await this.#lines.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

/** A point that is delivered at least once in every period, and whose it is. */
export interface Watched {
  readonly channel: string;
  readonly device: string;
  readonly key: string;
  readonly everyMs: number;
  /** The device sends by itself: changes may come between the periods. */
  readonly isStream: boolean;
}

export interface FieldConfig {
  /** YAML below `channels:`. */
  readonly channels: string;
  /** One point of each device. */
  readonly watched: readonly Watched[];
}

/** Period of the RS-485 units: a line at 9600 Bd with 16 of them is busy for half of it. */
const unitEveryMs = 2_000;

export function fieldConfig(
  plan: FieldPlan,
  addresses: FieldAddresses,
  plc: { readonly endpoint: string; readonly nodes: number },
): FieldConfig {
  const channels: string[] = [];
  const watched: Watched[] = [];
  for (const [index, port] of addresses.lines.entries()) {
    const channel = `line-${index + 1}`;
    const ids = Array.from({ length: plan.lines[index]?.units ?? 0 }, (_, at) => at + 1);
    const devices = ids.map(
      (id) => `${channel}-${id}: { template: xy-md02, unitId: ${id}, every: ${unitEveryMs}ms }`,
    );
    channels.push(
      `  ${channel}: { driver: modbus, mode: rtu-over-tcp, port: "${port}", timeout: 300ms, devices: {`,
      `      ${devices.join(",\n      ")} } }`,
    );
    for (const id of ids) {
      const device = `${channel}-${id}`;
      watched.push({
        channel,
        device,
        key: `${device}/temperature`,
        everyMs: unitEveryMs,
        isStream: false,
      });
    }
  }
  for (const [index, port] of addresses.scales.entries()) {
    const channel = `scale-${plan.scales[index]}`;
    channels.push(
      `  ${channel}: { driver: scale, port: "${port}", protocol: "${plan.scales[index]}", devices: { ${channel}: { every: 1s } } }`,
    );
    watched.push({
      channel,
      device: channel,
      key: `${channel}/weight`,
      everyMs: 1_000,
      isStream: true,
    });
  }
  for (const [index, port] of addresses.readers.entries()) {
    const protocol = plan.readers[index] ?? "";
    const channel = `reader-${protocol}`;
    const region = protocol === "thingmagic" ? "region: CN, " : "";
    channels.push(
      `  ${channel}: { driver: rfid, port: "${port}", protocol: ${protocol}, ${region}devices: { ${channel}: { every: 1s } } }`,
    );
    watched.push({
      channel,
      device: channel,
      key: `${channel}/last-seen`,
      everyMs: 1_000,
      isStream: true,
    });
  }
  const points = Array.from(
    { length: plc.nodes },
    (_, at) => `v${at}: { node: "ns=sim;s=V${at}", mode: ${at % 2 === 0 ? "poll" : "subscribe"} }`,
  );
  channels.push(
    `  plc: { driver: opcua, endpoint: "${plc.endpoint}", security: { mode: none }, namespaces: { sim: "urn:rackwatch:simulator" }, devices: { plc: { every: 1s, points: {`,
    `      ${points.join(",\n      ")} } } } }`,
  );
  for (const [key, isStream] of [
    ["plc/v0", false],
    ["plc/v1", true],
  ] as const)
    watched.push({ channel: "plc", device: "plc", key, everyMs: 1_000, isStream });
  return { channels: channels.join("\n"), watched };
}

/**
 * Keeps the two watched nodes changing. The polled one changes between any two polls, because an unchanged node keeps its
 * time stamp; the subscribed one changes once a period.
 */
export function keepChanging(plc: OpcUaServerProcess): { pause(): void } & Disposable {
  let turn = 0;
  let isPaused = false;
  // The server may be stopped or killed before it answers.
  const set = (name: string) =>
    void plc.tell({ do: "set", name, value: turn }).catch(() => undefined);
  const timer = setInterval(() => {
    turn += 1;
    if (isPaused) return;
    set("V0");
    if (turn % 4 === 0) set("V1");
  }, 250);
  return {
    pause: () => {
      isPaused = true;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Variables of the PLC, for its simulator. */
export function plcVariables(nodes: number) {
  return Array.from({ length: nodes }, (_, at) => ({ name: `V${at}`, type: "Double", value: at }));
}

export interface Polls {
  readonly scheduled: number;
  readonly lost: number;
  /** Samples without a value. */
  readonly bad: number;
  /** By how much two samples were further apart than their period, each time. */
  readonly lateMs: readonly number[];
}

/**
 * Scheduled readings between two instants, and those of which there is no sample. A polled point has one sample a period,
 * which may be late by less than one; of a stream a period is lost when nothing comes for two.
 */
export function pollsOf(
  samples: readonly Pick<SampleView, "sampledAt" | "quality">[],
  { everyMs, isStream }: Pick<Watched, "everyMs" | "isStream">,
  fromMs: number,
  toMs: number,
): Polls {
  const inside = samples.filter(({ sampledAt }) => sampledAt >= fromMs && sampledAt <= toMs);
  const times = inside.map(({ sampledAt }) => sampledAt).sort((a, b) => a - b);
  const first = times[0] ?? toMs;
  const last = times.at(-1) ?? toMs;
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  // The window cuts the first and the last period.
  const atEnds = [first - fromMs, toMs - last].map((gapMs) => Math.floor(gapMs / everyMs - 0.5));
  const within = isStream
    ? gaps.map((gapMs) => Math.floor(gapMs / everyMs) - 1)
    : [Math.round((last - first) / everyMs) - gaps.length];
  return {
    scheduled: Math.round((toMs - fromMs) / everyMs),
    lost: [...atEnds, ...within].reduce((sum, missing) => sum + Math.max(0, missing), 0),
    bad: inside.filter(({ quality }) => quality === "bad").length,
    lateMs: gaps.map((gapMs) => Math.max(0, gapMs - everyMs)),
  };
}
