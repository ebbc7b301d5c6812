import { connect } from "../../drivers/connect.ts";
import type {
  Claim,
  Driver,
  DriverContext,
  PointDescription,
  Session,
} from "../../drivers/contract.ts";
import { FramedWire } from "../../drivers/framing/framed-wire.ts";
import { createThermometerFramer } from "./frame.ts";
import { channelSchema, type ThermometerChannel } from "./schema.ts";
import { ThermometerSession } from "./session.ts";
import { templateSchema } from "./template.ts";

/** Thermometers with four probes on an RS-485 line, or behind a serial device server. */
export const thermometer: Driver<ThermometerChannel> = {
  name: "thermometer",
  schema: channelSchema,
  templateSchema,
  describe,
  claims,
  open,
};

function describe(channel: ThermometerChannel): readonly PointDescription[] {
  return Object.entries(channel.devices).flatMap(([id, { points, every }]) =>
    Object.entries(points).map(([name, { unit }]) => ({
      key: `${id}/${name}` as const,
      kind: "number" as const,
      access: "read" as const,
      unit,
      everyMs: every,
    })),
  );
}

/** The line may be named by one channel only, and each address on it once. */
function claims({ port, devices }: ThermometerChannel): readonly Claim[] {
  const units = Object.entries(devices).map(([id, { unit }]) => ({
    resource: `${port} unit ${unit}`,
    exclusive: true,
    path: ["devices", id, "unit"],
  }));
  return [{ resource: port, exclusive: true, path: ["port"] }, ...units];
}

/** The factory setting, which cannot be changed (manual, page 5). */
const serial = { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 } as const;

/** Pause inside of a frame after which it is given up: far above the 17 ms that one takes. */
const idleMs = 100;

async function open(
  channel: ThermometerChannel,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const connection = await connect(channel.port, { serial, tap: context.tap }, signal);
  const wire = new FramedWire(connection, createThermometerFramer(), context.clock, { idleMs });
  return new ThermometerSession(channel, { connection, wire, clock: context.clock }, signal);
}
