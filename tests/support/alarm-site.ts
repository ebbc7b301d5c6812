import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type { AlarmView, PointView } from "../../gateway/panel/api.ts";
import { type PushReceiver, startPushReceiver } from "./push-receiver.ts";
import { eventually, type GatewayRig, gatewayRig, getJson, scratchFolder } from "./spine.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));

const person = { user: "li", password: "a long password" };

/** Time between two looks of whoever watches the site by its API. */
const lookMs = 60;

/** Patience with one thing that has to happen, on a machine that is busy with other tests. */
const patienceMs = 120_000;

export interface Place {
  /** Points that the site measures, `day/<name>` each; all are 5.0 at first. */
  readonly points: readonly string[];
  /** Each a webhook of its own. */
  readonly receivers: readonly string[];
  /** YAML of the rules, indented by two; `{lamp}` is an output. */
  readonly rules: string;
  /** YAML of the file's other sections. */
  readonly more?: string;
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

/** An act that the gateway answered with 200. */
interface Done {
  readonly alarm: string;
  readonly verb: string;
}

interface Look {
  readonly askedAt: number;
  readonly alarms: readonly AlarmView[];
  readonly points: readonly PointView[];
}

/**
 * A gateway and its agent as processes, a device on a real socket, a webhook's server for all receivers, and a
 * person at the panel. Processes may be killed at any time; whoever waits for something waits on.
 */
export class AlarmSite implements AsyncDisposable {
  readonly rig: GatewayRig;
  readonly device: ModbusSimulator;
  readonly receiver: PushReceiver;
  readonly done: Done[] = [];
  readonly #cleanup: AsyncDisposableStack;
  readonly #registers: Map<number, number>;
  readonly #points: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #ended = new AbortController();
  #gateway: ChildProcess | undefined;
  #sync: ChildProcess | undefined;
  #cookie = "";
  #setupCode = "";
  #look: Look = { askedAt: 0, alarms: [], points: [] };

  private constructor(
    parts: { rig: GatewayRig; device: ModbusSimulator; receiver: PushReceiver },
    registers: Map<number, number>,
    { points, env }: Place,
    cleanup: AsyncDisposableStack,
  ) {
    this.rig = parts.rig;
    this.device = parts.device;
    this.receiver = parts.receiver;
    this.#registers = registers;
    this.#points = points;
    this.#env = env?.(parts.rig.folder) ?? {};
    this.#cleanup = cleanup;
  }

  static async open(place: Place): Promise<AlarmSite> {
    const cleanup = new AsyncDisposableStack();
    const folder = cleanup.use(scratchFolder()).path;
    const holding = new Map(place.points.map((_, index) => [index, 50]));
    const units = new Map([[1, simulatedUnit({ holding })]]);
    const device = cleanup.use(await startModbusSimulator({ units }));
    const receiver = cleanup.use(await startPushReceiver());
    const rig = await gatewayRig(folder, yamlOf(place, folder, device.address, receiver.url));
    return new AlarmSite({ rig, device, receiver }, holding, place, cleanup);
  }

  /** The first start: the agent too, a person who is logged in, and the one who watches. */
  async begin(): Promise<void> {
    await this.start();
    this.startSync();
    const answer = await eventually(
      () => this.#post("/api/setup", { code: this.#setupCode, ...person }),
      ({ ok }) => ok,
      patienceMs,
    );
    this.#cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    void this.#watch();
  }

  /** Resolves when the gateway runs. */
  async start(): Promise<void> {
    const child = this.spawnGateway();
    const ended = new Promise<string>((done) => child.once("exit", () => done("ended")));
    const runs = new Promise<string>((done) => {
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.#setupCode = /"setupCode":"([^"]+)"/.exec(line)?.[1] ?? this.#setupCode;
        if (line.includes('"gateway runs"')) done("runs");
      });
    });
    if ((await Promise.race([ended, runs])) === "ended") throw new Error("the gateway ended");
  }

  /** Starts it and waits for nothing. */
  spawnGateway(): ChildProcess {
    this.#gateway = this.#spawn("run");
    return this.#gateway;
  }

  startSync(): void {
    this.#sync = this.#spawn("sync");
    this.#sync.stdout?.resume();
  }

  async killGateway(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await ended(this.#gateway, signal);
  }

  async killSync(): Promise<void> {
    await ended(this.#sync, "SIGKILL");
  }

  set(point: string, celsius: number): void {
    this.#registers.set(this.#points.indexOf(point), Math.round(celsius * 10));
  }

  /** Waits until a gateway that runs has read its device. */
  async live(): Promise<void> {
    await this.#until("a good value", ({ points }) => points.some((it) => it.quality === "good"));
  }

  /** Waits until the gateway has read what is set. */
  async seen(point: string): Promise<void> {
    const value = (this.#registers.get(this.#points.indexOf(point)) ?? 0) / 10;
    await this.#until(`${point} = ${value}`, ({ points }) =>
      points.some((one) => one.key === `day/${point}` && one.value === value),
    );
  }

  /** Waits for an alarm of a rule; undefined in `fits`: it is not listed. */
  async alarm(
    rule: string,
    fits: (alarm: AlarmView | undefined) => boolean,
  ): Promise<AlarmView | undefined> {
    const look = await this.#until(`alarm ${rule}: ${fits}`, ({ alarms }) =>
      fits(alarms.find((alarm) => alarm.rule === rule)),
    );
    return look.alarms.find((alarm) => alarm.rule === rule);
  }

  /** Waits until a message of this occurrence is with its receiver. */
  async told(receiver: string, kind: string, alarm: string): Promise<void> {
    await eventually(
      () => this.receiver.arrived,
      (all) =>
        all.some((one) => one.receiver === receiver && one.kind === kind && one.alarm === alarm),
      patienceMs,
    );
  }

  /**
   * What a person does, until it is done: when the answer is lost with the gateway it may have happened or not.
   * @param isDone what the alarm looks like once it happened
   */
  async act(
    target: string,
    verb: string,
    body: object,
    isDone: (alarm: AlarmView | undefined) => boolean,
  ): Promise<void> {
    const rule = target.split("#")[0] ?? target;
    for (;;) {
      const answer = await this.#post(`/api/alarms/${encodeURIComponent(target)}/${verb}`, body)
        .then(async (it) => ({ status: it.status, text: await it.text() }))
        .catch(() => undefined);
      if (answer?.status === 200) {
        this.done.push({ alarm: target, verb });
        return;
      }
      if (answer?.status === 401) await this.#login();
      else if (answer !== undefined && answer.status !== 409) {
        throw new Error(`${verb} ${target}: ${answer.status} ${answer.text}`);
      }
      const { alarms } = await this.#until("an answer", () => true);
      if (isDone(alarms.find((alarm) => alarm.rule === rule))) return;
    }
  }

  /** Waits until no message waits any more. */
  async delivered(): Promise<void> {
    await eventually(
      () => this.#get<{ waiting: number }>("/api/pushes"),
      ({ waiting }) => waiting === 0,
      patienceMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await ended(this.#gateway, "SIGKILL");
    await ended(this.#sync, "SIGKILL");
    await this.#cleanup.disposeAsync();
  }

  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const askedAt = Date.now();
      const looked = await Promise.all([
        this.#get<readonly AlarmView[]>("/api/alarms"),
        this.#get<readonly PointView[]>("/api/points"),
      ]).catch(() => undefined);
      if (looked !== undefined) this.#look = { askedAt, alarms: looked[0], points: looked[1] };
      await new Promise((next) => setTimeout(next, lookMs));
    }
  }

  /** Looks that began before the question do not count. */
  async #until(what: string, fits: (look: Look) => boolean): Promise<Look> {
    const from = Date.now();
    for (;;) {
      const look = this.#look;
      if (look.askedAt > from && fits(look)) return look;
      if (Date.now() - from > patienceMs) {
        throw new Error(`not within ${patienceMs} ms: ${what}; ${JSON.stringify(look.alarms)}`);
      }
      await new Promise((next) => setTimeout(next, lookMs / 2));
    }
  }

  #get<T>(path: string): Promise<T> {
    return getJson<T>(`${this.rig.panel}${path}`, { headers: { cookie: this.#cookie } });
  }

  #post(path: string, body: object): Promise<Response> {
    return fetch(this.rig.panel + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: this.rig.panel,
        cookie: this.#cookie,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  }

  /** A clock that is set by a day ends every session. */
  async #login(): Promise<void> {
    const answer = await this.#post("/api/session", person);
    this.#cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
  }

  #spawn(command: "run" | "sync"): ChildProcess {
    const args = [rackwatch, command, "--config", this.rig.configFile, "--data", this.rig.dataDir];
    return spawn(process.execPath, ["--max-semi-space-size=1", ...args], {
      env: { ...process.env, ...this.#env },
      stdio: ["ignore", "pipe", "inherit"],
    });
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await exit;
}

function yamlOf(place: Place, folder: string, port: string, url: string): string {
  const points = place.points.map(
    (name, index) =>
      `          ${name}: { table: holding, address: ${index}, type: int16, scale: 0.1 }`,
  );
  return `
version: 1
gateway: { id: alarm-site }
channels:
  room:
    driver: modbus
    port: ${port}
    timeout: 200ms
    devices:
      day:
        unitId: 1
        every: 50ms
        points:
${points.join("\n")}
  lights:
    driver: gpio
    backend: sim
    file: ${folder}/lamps.json
    devices: { stack: { points: { red: { line: 17 } } } }
rules:
${place.rules.replaceAll("{lamp}", "stack/red")}
notify:
${place.receivers.map((id) => `  ${id}: { webhook: { url: "${url}/${id}" } }`).join("\n")}
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
store: { flushEvery: 100ms }
${place.more ?? ""}
`;
}
