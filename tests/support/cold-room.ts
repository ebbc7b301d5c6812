import { readFileSync } from "node:fs";
import { join } from "node:path";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type { AlarmView, NoticeView, PointView } from "../../gateway/panel/api.ts";
import type { User } from "./program.ts";
import { eventually, type GatewayRig, gatewayRig, type Running, scratchFolder } from "./spine.ts";

export interface ColdRoomOptions {
  /** Environment of the gateway; it is given the room's folder. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
  /** YAML lines of the rule `warm` beside its point, limit and output. */
  readonly rule?: string;
  /** Further devices on the sensor's channel, indented by six. */
  readonly devices?: string;
  /** Further channels, indented by two. */
  readonly channels?: string;
  /** YAML of broker and store. */
  readonly services?: string;
}

/** A cold room at 4.5 °C with one simulated sensor on a real socket, an alarm above 8 °C and a lamp. */
export interface ColdRoom extends AsyncDisposable {
  readonly rig: GatewayRig;
  readonly device: ModbusSimulator;
  readonly folder: string;
  /** Ends with the room, however the test ends. */
  start(user?: User): Promise<Running>;
  setTemperature(celsius: number): void;
  /** Level of the lamp's line. */
  lamp(): unknown;
  points(): Promise<readonly PointView[]>;
  /** Waits for the first good value since a start. */
  live(): Promise<void>;
  /** Waits for a notice of a part. */
  notice(part: string, timeoutMs?: number): Promise<NoticeView>;
  /** Waits until a part has no notice. */
  well(part: string, timeoutMs?: number): Promise<void>;
  /** Waits for an alarm of a rule that is active. */
  alarm(rule: string, timeoutMs?: number): Promise<AlarmView>;
}

export async function coldRoom(options: ColdRoomOptions = {}): Promise<ColdRoom> {
  const cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(scratchFolder()).path;
  const input = new Map([
    [1, 45],
    [2, 600],
  ]);
  const units = new Map([[1, simulatedUnit({ input })]]);
  const device = cleanup.use(await startModbusSimulator({ units }));
  const lampFile = join(folder, "lamps.json");
  const rig = await gatewayRig(
    folder,
    yamlOf(device.address, lampFile, options),
    options.env?.(folder),
  );
  const notices = () => rig.get<readonly NoticeView[]>("/api/notices");
  return {
    rig,
    device,
    folder,
    start: async (user) => {
      const running = await rig.start(user);
      cleanup.defer(() => running.kill("SIGKILL"));
      return running;
    },
    setTemperature: (celsius) => void input.set(1, Math.round(celsius * 10)),
    lamp: () => JSON.parse(readFileSync(lampFile, "utf8"))["17"],
    points: () => rig.get("/api/points"),
    live: async () => {
      await eventually(
        () => rig.get<PointView[]>("/api/points"),
        (points) => points.some(({ key, quality }) => key === temperature && quality === "good"),
      );
    },
    notice: async (part, timeoutMs) => {
      const found = await eventually(
        async () => (await notices()).filter((notice) => notice.part === part),
        (own) => own.length > 0,
        timeoutMs,
      );
      return only(found);
    },
    well: async (part, timeoutMs) => {
      await eventually(notices, (all) => all.every((notice) => notice.part !== part), timeoutMs);
    },
    alarm: async (rule, timeoutMs) => {
      const found = await eventually(
        async () =>
          (await rig.get<AlarmView[]>("/api/alarms")).filter(
            (alarm) => alarm.rule === rule && alarm.state === "unacknowledged",
          ),
        (own) => own.length > 0,
        timeoutMs,
      );
      return only(found);
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

const temperature = "cold/temperature";

function only<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined || items.length !== 1) {
    throw new Error(`one was expected: ${JSON.stringify(items)}`);
  }
  return first;
}

function yamlOf(port: string, lampFile: string, options: ColdRoomOptions): string {
  const { rule = "onDelay: 0s", devices = "", channels = "" } = options;
  const { services = "broker: { enabled: false }" } = options;
  return `
version: 1
gateway: { id: cold-room }
channels:
  room:
    driver: modbus
    port: ${port}
    timeout: 200ms
    devices:
      cold: { template: xy-md02, unitId: 1, every: 50ms }
${devices}
  lights:
    driver: gpio
    backend: sim
    file: ${lampFile}
    devices: { stack: { points: { red: { line: 17 } } } }
${channels}
rules:
  warm:
    point: ${temperature}
    above: 8
    deadband: 0.5
    priority: high
    outputs: [stack/red]
    ${rule}
panel: { listen: "127.0.0.1:{panel}" }
${services}
`;
}
