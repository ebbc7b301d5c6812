import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type { AlarmView } from "../../gateway/panel/api.ts";
import type { PushesView, ReceiverView } from "../../gateway/panel/response-api.ts";
import { startProgram } from "./program.ts";
import { type PushInbox, startPushInbox } from "./push-inbox.ts";
import { eventually, type GatewayRig, gatewayRig, type Running, scratchFolder } from "./spine.ts";

export interface PushHouseOptions {
  /** YAML from `rules:` on; its addresses are made of the inbox. */
  readonly sections: (inbox: PushInbox) => string;
  /** Temperature sensors, `cold1` to this number. */
  readonly sensors?: number;
  /** Environment of both programs; it is given the house's folder and its inbox. */
  readonly env?: (folder: string, inbox: PushInbox) => Readonly<Record<string, string>>;
  readonly every?: string;
}

/** Lines of the simulated contacts. */
export const contacts = { mains: 5, acknowledge: 6, door: 7 } as const;

/** A gateway and its agent as processes, sensors and contacts at the one end, providers of pushes at the other. */
export interface PushHouse extends AsyncDisposable {
  readonly folder: string;
  readonly rig: GatewayRig;
  readonly inbox: PushInbox;
  /** Everything that both programs logged since the first start. */
  logged(): readonly Readonly<Record<string, unknown>>[];
  startGateway(): Promise<Running>;
  startAgent(): Promise<Running>;
  /** Of sensor 1, unless told. */
  setTemperature(celsius: number, sensor?: number): void;
  /** Levels by line; a line that is not named has 0, mains 1. */
  setContacts(levels: Readonly<Record<number, 0 | 1>>): void;
  lamps(): Readonly<Record<string, number>>;
  /** Waits until a rule's alarm is in this state. */
  alarm(rule: string, state?: AlarmView["state"]): Promise<AlarmView>;
  alarms(): Promise<readonly AlarmView[]>;
  /** As the person who set the panel up. */
  post(path: string, body?: object): Promise<Response>;
  pushes(): Promise<PushesView>;
  receivers(): Promise<readonly ReceiverView[]>;
}

const person = { user: "li", password: "a long enough one" };

export async function pushHouse(options: PushHouseOptions): Promise<PushHouse> {
  const cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(scratchFolder()).path;
  const inbox = cleanup.use(await startPushInbox());
  const sensors = Array.from({ length: options.sensors ?? 1 }, (_, index) => index + 1);
  const inputs = new Map(
    sensors.map((sensor) => [
      sensor,
      new Map([
        [1, 45],
        [2, 600],
      ]),
    ]),
  );
  const units = new Map([...inputs].map(([unit, input]) => [unit, simulatedUnit({ input })]));
  const device = cleanup.use(await startModbusSimulator({ units }));
  const contactsFile = join(folder, "contacts.json");
  const lampsFile = join(folder, "lamps.json");
  const setContacts = (levels: Readonly<Record<number, 0 | 1>>) => {
    writeFileSync(`${contactsFile}.part`, JSON.stringify({ [contacts.mains]: 1, ...levels }));
    renameSync(`${contactsFile}.part`, contactsFile);
  };
  setContacts({});
  const env = options.env?.(folder, inbox) ?? {};
  const rig = await gatewayRig(
    folder,
    yamlOf({
      port: device.address,
      sensors,
      contactsFile,
      lampsFile,
      every: options.every ?? "50ms",
      sections: options.sections(inbox),
    }),
    env,
  );
  const running: Running[] = [];
  let cookie = "";
  const kept = (started: Running) => {
    running.push(started);
    cleanup.defer(() => started.kill("SIGKILL"));
    return started;
  };
  const alarms = () => rig.get<readonly AlarmView[]>("/api/alarms");
  const asPerson = async (path: string, init: RequestInit = {}) => {
    if (cookie === "") cookie = await loggedIn(rig.panel, running);
    return fetch(`${rig.panel}${path}`, {
      ...init,
      headers: { "content-type": "application/json", origin: rig.panel, cookie },
      signal: AbortSignal.timeout(20_000),
    });
  };
  return {
    folder,
    rig,
    inbox,
    logged: () => running.flatMap(({ lines }) => lines),
    startGateway: async () => kept(await rig.start()),
    startAgent: async () => {
      const args = ["sync", "--config", rig.configFile, "--data", rig.dataDir];
      return kept(await startProgram(args, env, "agent delivers pushes"));
    },
    setTemperature: (celsius, sensor = 1) =>
      void inputs.get(sensor)?.set(1, Math.round(celsius * 10)),
    setContacts,
    lamps: () => JSON.parse(readFileSync(lampsFile, "utf8")),
    alarms,
    alarm: async (rule, state = "unacknowledged") => {
      const fits = (alarm: AlarmView) => alarm.rule === rule && alarm.state === state;
      const [found] = await eventually(
        async () => (await alarms()).filter(fits),
        (own) => own.length === 1,
      );
      if (found === undefined) throw new Error(`no alarm of ${rule}`);
      return found;
    },
    post: (path, body = {}) => asPerson(path, { method: "POST", body: JSON.stringify(body) }),
    // Tests say what they expect of it.
    pushes: async () => (await (await asPerson("/api/pushes")).json()) as PushesView,
    receivers: () => rig.get("/api/receivers"),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

/** Sets the panel up with the code that the gateway logged at its first start. */
async function loggedIn(panel: string, running: readonly Running[]): Promise<string> {
  const listening = await eventually(
    () =>
      running
        .flatMap(({ lines }) => lines)
        .find(({ event, setupCode }) => event === "panel listens" && setupCode !== undefined),
    (found) => found !== undefined,
  );
  const answer = await fetch(`${panel}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: panel },
    body: JSON.stringify({ code: listening?.["setupCode"], ...person }),
  });
  if (!answer.ok) throw new Error(`no setup: ${answer.status} ${await answer.text()}`);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

interface Parts {
  readonly port: string;
  readonly sensors: readonly number[];
  readonly contactsFile: string;
  readonly lampsFile: string;
  readonly every: string;
  readonly sections: string;
}

function yamlOf({ port, sensors, contactsFile, lampsFile, every, sections }: Parts): string {
  const devices = sensors.map(
    (unit) => `      cold${unit}: { template: xy-md02, unitId: ${unit}, every: ${every} }`,
  );
  return `
version: 1
gateway: { id: house, name: 一号仓, timezone: Asia/Shanghai, language: zh }
channels:
  room:
    driver: modbus
    port: ${port}
    devices:
${devices.join("\n")}
  pins:
    driver: gpio
    backend: sim
    file: ${lampsFile}
    inputsFile: ${contactsFile}
    devices:
      desk:
        points:
          mains: { access: read, line: ${contacts.mains} }
          acknowledge: { access: read, line: ${contacts.acknowledge} }
          door: { access: read, line: ${contacts.door} }
      here: { points: { red: { line: 17 }, amber: { line: 18 }, buzzer: { line: 22 } } }
      guard: { points: { lamp: { line: 27 }, siren: { line: 23 } } }
buttons: { acknowledge: [desk/acknowledge] }
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
${sections}
`;
}
