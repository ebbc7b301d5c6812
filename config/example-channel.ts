import { stringify } from "yaml";

export interface ExampleOptions {
  /** Template of the one device. */
  readonly id?: string;
  readonly template?: Readonly<Record<string, unknown>>;
  /** In place of the address of the example. */
  readonly port?: string;
  readonly protocol?: string;
  readonly region?: string;
  readonly device?: string;
}

/** By a name that stays when another adapter is plugged in. */
const serialPort = "serial:/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10KZ1-if00-port0";

/** A channel of that driver as it would stand in YAML, with addresses as examples where none are given. */
export function exampleChannel(
  driver: string,
  options: ExampleOptions,
): Readonly<Record<string, unknown>> {
  const { id, template = {}, port, protocol, region } = options;
  const named = id === undefined ? {} : { template: id };
  const device = options.device ?? id ?? `${driver}-1`;
  const extra = {
    ...(protocol === undefined ? {} : { protocol }),
    ...(region === undefined ? {} : { region }),
  };
  switch (driver) {
    case "modbus":
      return {
        ...{ driver, port: port ?? serialPort },
        ...serialOf(template["line"]),
        devices: { [device]: { ...named, unitId: unitOf(template["line"]) } },
      };
    case "opcua":
      return {
        driver,
        endpoint: port ?? "opc.tcp://10.0.0.8:4840",
        devices: { [device]: { ...named, root: "/Objects/DI:DeviceSet" } },
      };
    case "mqtt":
      return {
        driver,
        broker: port ?? "local",
        devices: { [device]: { ...named, ...mqttAddress(template["points"], device) } },
      };
    default:
      return {
        ...{ driver, port: port ?? "tcp://10.0.0.21:4001" },
        ...extra,
        devices: { [device]: named },
      };
  }
}

/** The same as YAML below `channels:`. */
export function channelYaml(name: string, channel: Readonly<Record<string, unknown>>): string {
  return stringify({ channels: { [name]: channel } }, { lineWidth: 0 });
}

function mqttAddress(points: unknown, device: string) {
  const isSparkplug = JSON.stringify(points ?? {}).includes('"metric":');
  return isSparkplug
    ? { sparkplug: { group: "plant", node: "edge-1", device } }
    : { topic: device };
}

function serialOf(line: unknown): Readonly<Record<string, unknown>> {
  if (typeof line !== "object" || line === null) return {};
  return Object.fromEntries(
    Object.entries(line).filter(([key]) => key !== "unitId" && key !== "notes"),
  );
}

function unitOf(line: unknown): number {
  if (typeof line !== "object" || line === null || !("unitId" in line)) return 1;
  return typeof line.unitId === "number" ? line.unitId : 1;
}
