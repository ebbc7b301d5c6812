import { z } from "zod";
import { addressSchema, parseAddress } from "../address.ts";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";
import { type ReaderProtocol, regions } from "./protocol.ts";
import { pointNames } from "./samples.ts";

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });

/** Antennas of the largest readers with multiplexers. */
const antennaMax = 32;

/** Reads that may be asked for: a tag in the field is read at most some hundred times a second. */
const readsMax = 100;

const presenceSchema = z.strictObject({
  reads: z
    .int()
    .min(1)
    .max(readsMax)
    .default(2)
    .meta({ description: "A tag is present after that many reads in the time `within`" }),
  within: duration({ min: 50, max: 3_600_000 })
    .default(1_000)
    .meta({ description: "Time in which a tag must be read so often" }),
  hold: duration({ min: 250, max: 86_400_000 }).default(3_000).meta({
    description: "A tag is absent after that long without a read, at the earliest",
  }),
  window: z.enum(["adaptive", "fixed"]).default("adaptive").meta({
    description:
      "adaptive: a tag that is seldom read is held longer, up to 60s, and a new one in a crowd as the others are read; fixed: hold alone",
  }),
  minRssi: z
    .number()
    .min(-128)
    .max(255)
    .optional()
    .meta({ description: "Weaker reads do not count: dBm, or the reader's own steps" }),
  marginDb: z.number().min(0).max(60).default(4).meta({
    unit: "dB",
    description: "By how much another device must see a tag stronger before the tag moves there",
  }),
});

const deviceSchema = z.strictObject({
  name: z.string().max(120).optional().meta({ description: "What people call the place" }),
  antennas: z.array(z.int().min(1).max(antennaMax)).min(1).max(antennaMax).optional().meta({
    description:
      "Antennas that look at this place, 1 is the first (default: all that are connected)",
  }),
  every: duration({ min: 100, max: 3_600_000 })
    .default(1_000)
    .meta({ description: "Shortest time between two changes of count, tags and last-..." }),
  points: z
    .record(id, z.strictObject(pointSettings))
    .default({})
    .meta({ description: "Settings of points, by their name" }),
});

const channelShape = {
  driver: z.literal("rfid"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  port: addressSchema,
  baudRate: z
    .int()
    .min(300)
    .max(4_000_000)
    .optional()
    .meta({ description: "Speed of the serial line (default: what the maker sets)", unit: "Bd" }),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .optional()
    .meta({ description: "Default: what the maker sets" }),
  parity: z
    .enum(["none", "even", "odd"])
    .optional()
    .meta({ description: "Default: what the maker sets" }),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .meta({ description: "Default: what the maker sets" }),
  dtr: z.boolean().optional().meta({ description: "Level of DTR after opening a serial port" }),
  rts: z.boolean().optional().meta({ description: "Level of RTS after opening a serial port" }),
  region: z.enum(regions).optional().meta({
    description: "Radio rules of the country; never guessed (default: what the reader has stored)",
  }),
  power: z
    .number()
    .min(-10)
    .max(36)
    .optional()
    .meta({ description: "Transmit power (default: what the reader has stored)", unit: "dBm" }),
  session: z
    .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
    .optional()
    .meta({ description: "Gen2 session: 0 for few tags, 1 to 3 for many" }),
  q: z
    .int()
    .min(0)
    .max(15)
    .optional()
    .meta({ description: "Gen2 Q: 2 to the power of Q is about the number of tags" }),
  address: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .meta({ description: "Address of the reader on its line, where its protocol has one" }),
  presence: presenceSchema.prefault({}).meta({ description: "When a tag counts as there" }),
  devices: z.record(id, deviceSchema),
} as const;

function nameSchema(protocols: readonly ReaderProtocol[]) {
  return z.enum(protocols.map(({ name }) => name)).meta({ description: "Language of the reader" });
}

/** A channel whose `protocol` is one of these. */
export function channelSchemaOf(protocols: readonly ReaderProtocol[]) {
  const channelObject = z.strictObject({ ...channelShape, protocol: nameSchema(protocols) });
  return channelObject.check(({ value: channel, issues }) => {
    const report = (message: string, path: readonly (string | number)[]) =>
      issues.push({ code: "custom", input: channel, message, path: [...path] });
    const protocol = protocols.find(({ name }) => name === channel.protocol);
    if (protocol !== undefined) checkReader(channel, protocol, report);
    checkDevices(channel.devices, report);
  });
}
export type RfidChannel = z.infer<ReturnType<typeof channelSchemaOf>>;
type Report = (message: string, path: readonly (string | number)[]) => void;

const radioKeys = ["region", "power", "session", "q"] as const;

function checkReader(channel: RfidChannel, protocol: ReaderProtocol, report: Report): void {
  if (protocol.needsRegion && channel.region === undefined)
    report("rfid/region-needed", ["protocol"]);
  if (!protocol.hasRadioSettings)
    for (const key of radioKeys) if (channel[key] !== undefined) report("rfid/no-radio", [key]);
  if (protocol.serial === undefined && parseAddress(channel.port).kind === "serial")
    report("rfid/network-only", ["port"]);
}

function checkDevices(devices: RfidChannel["devices"], report: Report): void {
  const taken = new Set<number>();
  const isOnly = Object.keys(devices).length === 1;
  for (const [name, { antennas, points }] of Object.entries(devices)) {
    if (antennas === undefined && !isOnly) report("rfid/antennas-needed", ["devices", name]);
    for (const [index, antenna] of (antennas ?? []).entries()) {
      if (taken.has(antenna)) report("rfid/antenna-twice", ["devices", name, "antennas", index]);
      taken.add(antenna);
    }
    for (const point of Object.keys(points))
      if (!pointNames.some((known) => known === point))
        report("rfid/point-unknown", ["devices", name, "points", point]);
  }
}
