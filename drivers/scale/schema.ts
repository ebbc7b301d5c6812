import { z } from "zod";
import { addressSchema } from "../address.ts";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";
import { type Abilities, abilitiesOf, describedAbilitiesOf, type ScalePoint } from "./abilities.ts";
import { createDescribedProtocol, describedFormatSchema } from "./described.ts";
import type { ScaleProtocol } from "./protocol.ts";
import { scaleProtocols } from "./protocols.ts";

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });

/** The word for a scale whose frames `format` describes. */
const describedName = "described";

/** Equal readings that make a weight stable where the scale itself does not say it; more than 100 is a typing error. */
const steadyReadingsMax = 100;

/** What a technician may say of the wire; on the channel it comes before what a device, or its template, says. */
const wireSettings = {
  protocol: z
    .enum([...scaleProtocols.map(({ name }) => name), describedName])
    .optional()
    .meta({ description: "Language of the scale; described: see format" }),
  format: describedFormatSchema
    .optional()
    .meta({ description: "Frames of a scale that speaks none of the languages" }),
  checksum: z.enum(["on", "off", "auto"]).optional().meta({
    description: "Whether frames end with a checksum; auto (default) takes both",
  }),
  mode: z.enum(["stream", "poll", "stable"]).optional().meta({
    description:
      "stream: the scale sends by itself; poll: it is asked; stable: it is asked for its next stable weight (default: the language's first)",
  }),
  baudRate: z.int().min(300).max(4_000_000).optional().meta({
    description: "Speed of the serial line (default: the language's factory setting)",
    unit: "Bd",
  }),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .optional()
    .meta({ description: "Default: the language's factory setting" }),
  parity: z
    .enum(["none", "even", "odd"])
    .optional()
    .meta({ description: "Default: the language's factory setting" }),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .meta({ description: "Default: the language's factory setting" }),
  dtr: z.boolean().optional().meta({ description: "Level of DTR after opening a serial port" }),
  rts: z.boolean().optional().meta({ description: "Level of RTS after opening a serial port" }),
  timeout: duration({ min: 10, max: 120_000 }).optional().meta({
    description:
      "Silence after which a weight is bad (default poll 1s, stream 2s, stable 10s); a stream also has three periods",
  }),
};

/** Settings of a device that a template may give. */
export const deviceSettings = {
  ...wireSettings,
  every: duration({ min: 50 })
    .default(1_000)
    .meta({ description: "Time between two samples, and between two requests" }),
  stableAfter: z
    .strictObject({
      readings: z
        .int()
        .min(2)
        .max(steadyReadingsMax)
        .default(3)
        .meta({ description: "Equal readings in a row that make a weight stable" }),
      within: z
        .number()
        .min(0)
        .default(0)
        .meta({ description: "By how much they may differ", unit: "kg" }),
    })
    .optional()
    .meta({ description: "Only for languages in which a scale does not say that it is stable" }),
};

const { unit: _, ...ownPoint } = pointSettings;
const plainPoint = z.strictObject(ownPoint).optional();
const massPoint = z
  .strictObject({
    ...ownPoint,
    unit: z.literal("kg").default("kg").meta({ description: "Weights are delivered in kg" }),
  })
  .optional();

/** Settings of points; only `weight` and `tare-weight` are numbers. */
export const pointsSchema = z.strictObject({
  weight: massPoint.meta({ description: "In kg, whatever unit the scale sends" }),
  stable: plainPoint.meta({ description: "Whether the load rests" }),
  net: plainPoint.meta({ description: "true: net, false: gross" }),
  "tare-weight": massPoint.meta({ description: "Tare in kg" }),
  unit: plainPoint.meta({ description: "Unit as the scale sends it" }),
  status: plainPoint.meta({
    description: "ok, unstable, overload, underload, zero-error, unit-blank, not-ready or error",
  }),
  zero: plainPoint.meta({ description: "Write true: set the scale to zero" }),
  tare: plainPoint.meta({ description: "Write true: tare" }),
  "clear-tare": plainPoint.meta({ description: "Write true: clear the tare" }),
} satisfies Record<ScalePoint, z.ZodType>);

const deviceSchema = z.strictObject({
  template: z.string().optional().meta({ description: "Device model: a file in templates/" }),
  name: z.string().max(120).optional().meta({ description: "What people call the device" }),
  ...deviceSettings,
  points: pointsSchema.default({}),
});

const channelObject = z.strictObject({
  driver: z.literal("scale"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  port: addressSchema,
  ...wireSettings,
  devices: z.record(id, deviceSchema),
});

type Fault = readonly [message: string, ...path: string[]];

export const channelSchema = channelObject.check(({ value: channel, issues }) => {
  for (const [message, ...path] of faultsOf(channel))
    issues.push({ code: "custom", input: channel, message, path });
});
export type ScaleChannel = z.infer<typeof channelSchema>;

function faultsOf(channel: z.infer<typeof channelObject>): readonly Fault[] {
  const [first, ...others] = Object.entries(channel.devices);
  const tooMany = others.map(([name]): Fault => ["scale/one-device", "devices", name]);
  if (first === undefined) return [];
  const [name, device] = first;
  const at = (key: "protocol" | "format" | "mode") =>
    channel[key] === undefined && device[key] !== undefined ? ["devices", name, key] : [key];
  const word = channel.protocol ?? device.protocol;
  const format = channel.format ?? device.format;
  const isDescribed = word === describedName;
  if (word === undefined) return [...tooMany, ["scale/protocol-missing", "protocol"]];
  if (isDescribed && format === undefined)
    return [...tooMany, ["scale/no-format", ...at("protocol")]];
  if (!isDescribed && format !== undefined)
    return [...tooMany, ["scale/needless-format", ...at("format")]];
  const speech = speechOf({ protocol: word, format });
  if (speech === undefined) return tooMany;
  const mode = channel.mode ?? device.mode;
  const hasMode = mode === undefined || speech.protocol.modes.includes(mode);
  const wrongMode: Fault = ["scale/mode", ...at("mode")];
  return [...tooMany, ...(hasMode ? [] : [wrongMode]), ...deviceFaults(name, device, speech.can)];
}

function deviceFaults(
  name: string,
  { stableAfter, points }: z.infer<typeof deviceSchema>,
  can: Abilities,
): readonly Fault[] {
  const needless: Fault = ["scale/stable-flag", "devices", name, "stableAfter"];
  const unknown = Object.keys(points).filter((point) => !can.points.some((has) => has === point));
  return [
    ...(can.stable && stableAfter !== undefined ? [needless] : []),
    ...unknown.map((point): Fault => ["scale/no-point", "devices", name, "points", point]),
  ];
}

/** A language and what it can say. */
export interface Speech {
  readonly protocol: ScaleProtocol;
  readonly can: Abilities;
}

/** The language that these settings name; undefined when they name none. */
export function speechOf({
  protocol: word,
  format,
}: Pick<z.infer<typeof channelObject>, "protocol" | "format">): Speech | undefined {
  if (word === describedName) {
    if (format === undefined) return undefined;
    const protocol = createDescribedProtocol(format);
    return { protocol, can: describedAbilitiesOf(protocol, format) };
  }
  const protocol = scaleProtocols.find(({ name }) => name === word);
  return protocol === undefined ? undefined : { protocol, can: abilitiesOf(protocol) };
}
