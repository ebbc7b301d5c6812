import { connect, type SerialSettings } from "../connect.ts";
import type { Driver } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { ReaderProtocol } from "./protocol.ts";
import { readerProtocols } from "./protocols.ts";
import { pointsOf } from "./samples.ts";
import { channelSchemaOf, type RfidChannel } from "./schema.ts";

/** Tag readers. A device is a place that a reader watches: all of its antennas, or some. */
export const rfid: Driver<RfidChannel> = rfidDriver(readerProtocols);

/** The driver for readers of these languages. */
export function rfidDriver(protocols: readonly ReaderProtocol[]): Driver<RfidChannel> {
  const protocolOf = (channel: RfidChannel): ReaderProtocol => {
    const found = protocols.find(({ name }) => name === channel.protocol);
    if (found !== undefined) return found;
    throw new RackwatchError("config/invalid", `Unknown reader protocol ${channel.protocol}`, {
      where: channel.port,
      todo: `Write one of ${protocols.map(({ name }) => name).join(", ")}`,
    });
  };
  return {
    name: "rfid",
    schema: channelSchemaOf(protocols),
    describe: (channel) => {
      const { hasRadioSettings } = protocolOf(channel);
      return Object.entries(channel.devices).flatMap(([device, { points }]) =>
        pointsOf(device, hasRadioSettings, (point) => points[point]?.unit),
      );
    },
    claims: ({ port }) => [{ resource: port, exclusive: true, path: ["port"] }],
    open: async (channel, context, signal) => {
      const protocol = protocolOf(channel);
      // Conversation, presence and EPC are loaded where there is a reader: a gateway without one has no memory for them.
      const { RfidSession } = await import("./session.ts");
      const serial = serialSettingsOf(channel, protocol);
      const connection = await connect(channel.port, { serial, tap: context.tap }, signal);
      return new RfidSession(channel, { connection, protocol, context }, signal);
    },
  };
}

function serialSettingsOf(channel: RfidChannel, { serial }: ReaderProtocol): SerialSettings {
  return {
    baudRate: channel.baudRate ?? serial?.baudRate ?? 115_200,
    dataBits: channel.dataBits ?? serial?.dataBits ?? 8,
    parity: channel.parity ?? serial?.parity ?? "none",
    stopBits: channel.stopBits ?? serial?.stopBits ?? 1,
    dtr: channel.dtr ?? serial?.dtr,
    rts: channel.rts ?? serial?.rts,
  };
}
