import { parseAddress } from "../address.ts";
import { connect } from "../connect.ts";
import type { Claim, Driver, PointDescription, Session } from "../contract.ts";
import { RtuFramer, TcpFramer } from "./frame.ts";
import { Line } from "./line.ts";
import { FramedPort } from "./port.ts";
import { channelSchema, isSerialLine, type ModbusChannel, type ModbusPoint } from "./schema.ts";
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

/** Silence between frames that slow and cheap devices need, although 3.5 characters would do by the standard. */
const turnaroundMsDefault = 20;

/** Start, 8 data, parity or second stop, stop (Modbus over serial line 1.02, 2.5.1). */
const bitsPerCharacter = 11;

/** Above 19200 Bd the silence between frames is fixed (Modbus over serial line 1.02, 2.5.1.1). */
const silenceMsMin = 1.75;

async function open(
  channel: ModbusChannel,
  context: Parameters<Driver["open"]>[1],
  signal: AbortSignal,
): Promise<Session> {
  // Loaded here: together with its serial part it costs start-up time that other channels need not pay.
  const [connection, { default: library }] = await Promise.all([
    connect(channel.port, { serial: channel, tap: context.tap }, signal),
    import("modbus-serial"),
  ]);
  const isSerial = isSerialLine(channel);
  const framer = isSerial ? new RtuFramer() : new TcpFramer();
  const port = new FramedPort(connection, framer, () => context.clock.monotonicMs());
  const client = new library.default(port);
  // A client of modbus-serial passes errors on as `error` events, which end the process when nobody listens.
  client.on("error", () => undefined);
  client.open();
  const characterMs = (bitsPerCharacter * 1_000) / channel.baudRate;
  const silenceMs = Math.max(silenceMsMin, 3.5 * characterMs);
  const line = new Line(client, port, context.clock, {
    characterMs: isSerial ? characterMs : 0,
    turnaroundMs: isSerial
      ? Math.max(channel.turnaround ?? turnaroundMsDefault, silenceMs)
      : (channel.turnaround ?? 0),
  });
  return new ModbusSession(channel, { connection, port, line, context }, signal);
}
