import { parseAddress } from "../address.ts";
import type { Claim, Driver, PointDescription, Session } from "../contract.ts";
import { openLine } from "./open-line.ts";
import { channelSchema, type ModbusChannel, type ModbusPoint } from "./schema.ts";
import { ModbusSession } from "./session.ts";
import { templateSchema } from "./template.ts";

/** Modbus TCP, RTU on a serial port, and RTU through a serial device server. */
export const modbus: Driver<ModbusChannel> = {
  name: "modbus",
  schema: channelSchema,
  templateSchema,
  describe,
  claims,
  open,
};

function describe(channel: ModbusChannel): readonly PointDescription[] {
  return Object.entries(channel.devices).flatMap(([id, device]) =>
    Object.entries(device.points).map(([name, point]) => ({
      key: `${id}/${name}` as const,
      kind: kindOf(point),
      access: point.access,
      ...(point.unit === undefined ? {} : { unit: point.unit }),
      ...(point.access === "write" ? {} : { everyMs: point.every ?? device.every }),
    })),
  );
}

function kindOf(point: ModbusPoint): PointDescription["kind"] {
  if (point.enum !== undefined) return "text";
  const isBit = point.table === "coil" || point.table === "discrete" || point.bit !== undefined;
  return isBit ? "boolean" : "number";
}

function claims(channel: ModbusChannel): readonly Claim[] {
  const { port, mode, baudRate, dataBits, parity, stopBits } = channel;
  const line: Claim = {
    resource: port,
    exclusive: false,
    settings:
      parseAddress(port).kind === "tcp"
        ? mode
        : `${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`,
    path: ["port"],
  };
  const units = Object.entries(channel.devices).map(([id, device]) => ({
    resource: `${port} unit ${device.unitId}`,
    exclusive: true,
    path: ["devices", id, "unitId"],
  }));
  return [line, ...units];
}

async function open(
  channel: ModbusChannel,
  context: Parameters<Driver["open"]>[1],
  signal: AbortSignal,
): Promise<Session> {
  const parts = await openLine(channel, context, signal);
  return new ModbusSession(channel, { ...parts, context }, signal);
}
