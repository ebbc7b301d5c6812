import { type Connection, connect } from "../connect.ts";
import type { DriverContext } from "../contract.ts";
import { RtuFramer, TcpFramer } from "./frame.ts";
import { Line } from "./line.ts";
import { FramedPort } from "./port.ts";
import { isSerialLine, type ModbusChannel } from "./schema.ts";

/** Silence between frames that slow and cheap devices need, although 3.5 characters would do by the standard. */
const turnaroundMsDefault = 20;

/** Start, 8 data, parity or second stop, stop (Modbus over serial line 1.02, 2.5.1). */
const bitsPerCharacter = 11;

/** Above 19200 Bd the silence between frames is fixed (Modbus over serial line 1.02, 2.5.1.1). */
const silenceMsMin = 1.75;

export type LineChannel = Pick<
  ModbusChannel,
  "port" | "mode" | "baudRate" | "dataBits" | "parity" | "stopBits"
> &
  Partial<Pick<ModbusChannel, "turnaround">>;

export interface OpenLine {
  readonly connection: Connection;
  readonly port: FramedPort;
  readonly line: Line;
}

/**
 * Opens a port and puts the worker on it that asks one question at a time. Whoever opened it closes the connection.
 * @throws RackwatchError as `connect`; the signal's reason.
 */
export async function openLine(
  channel: LineChannel,
  { clock, tap }: DriverContext,
  signal: AbortSignal,
): Promise<OpenLine> {
  // Loaded here: together with its serial part it costs start-up time that other channels need not pay.
  const [connection, { default: library }] = await Promise.all([
    connect(channel.port, { serial: channel, tap }, signal),
    import("modbus-serial"),
  ]);
  const isSerial = isSerialLine(channel);
  const framer = isSerial ? new RtuFramer() : new TcpFramer();
  const port = new FramedPort(connection, framer, () => clock.monotonicMs());
  const client = new library.default(port);
  // A client of modbus-serial passes errors on as `error` events, which end the process when nobody listens.
  client.on("error", () => undefined);
  client.open();
  const characterMs = (bitsPerCharacter * 1_000) / channel.baudRate;
  const silenceMs = Math.max(silenceMsMin, 3.5 * characterMs);
  const line = new Line(client, port, clock, {
    characterMs: isSerial ? characterMs : 0,
    turnaroundMs: isSerial
      ? Math.max(channel.turnaround ?? turnaroundMsDefault, silenceMs)
      : (channel.turnaround ?? 0),
  });
  return { connection, port, line };
}
