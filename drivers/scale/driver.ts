import { parseAddress } from "../address.ts";
import { connect } from "../connect.ts";
import type {
  Claim,
  Driver,
  DriverContext,
  PointDescription,
  PointKey,
  Session,
} from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { isOrder, type ScalePoint } from "./abilities.ts";
import { channelSchema, type ScaleChannel } from "./schema.ts";
import { settingsOf } from "./settings.ts";
import { templateSchema } from "./template.ts";

/** Shelf scales and weighing indicators on a serial port, behind a serial device server, or with a network port. */
export const scale: Driver<ScaleChannel> = {
  name: "scale",
  schema: channelSchema,
  templateSchema,
  describe,
  claims,
  open,
};

function describe(channel: ScaleChannel): readonly PointDescription[] {
  const settings = settingsOf(channel);
  if (settings === undefined) return [];
  const { device, can, everyMs } = settings;
  return can.points.map((point) => describePoint(`${device}/${point}`, point, everyMs));
}

function describePoint(key: PointKey, point: ScalePoint, everyMs: number): PointDescription {
  if (isOrder(point)) return { key, kind: "boolean", access: "write", isCommand: true };
  if (point === "weight" || point === "tare-weight")
    return { key, kind: "number", unit: "kg", access: "read", everyMs };
  const isText = point === "unit" || point === "status";
  return { key, kind: isText ? "text" : "boolean", access: "read", everyMs };
}

/** A scale is alone on its line. */
function claims(channel: ScaleChannel): readonly Claim[] {
  const { serial } = settingsOf(channel) ?? {};
  const isSerial = parseAddress(channel.port).kind === "serial";
  const settings =
    isSerial && serial !== undefined
      ? `${serial.baudRate} ${serial.dataBits}${serial.parity.charAt(0).toUpperCase()}${serial.stopBits}`
      : undefined;
  return [
    {
      resource: channel.port,
      exclusive: true,
      ...(settings === undefined ? {} : { settings }),
      path: ["port"],
    },
  ];
}

/** Pause inside of a frame after which it is given up: twice what slow serial device servers need to send on. */
const idleMs = 250;

async function open(
  channel: ScaleChannel,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const settings = settingsOf(channel);
  if (settings === undefined)
    throw new RackwatchError("config/invalid", "The channel has no scale", {
      where: channel.port,
      todo: "Add a device to the channel, or remove the channel",
    });
  // Loaded where there is a scale: a gateway without one has no memory for it.
  const { FramedWire } = await import("../framing/framed-wire.ts");
  const { ScaleSession } = await import("./session.ts");
  const { serial, protocol, options } = settings;
  const connection = await connect(channel.port, { serial, tap: context.tap }, signal);
  const framer = protocol.createFramer(options);
  const wire = new FramedWire(connection, framer, context.clock, { idleMs });
  return new ScaleSession(settings, { connection, wire, context }, signal);
}
