import { z } from "zod";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";
import { secret } from "../secret.ts";
import { brokerAddressSchema, parseBroker } from "./broker-address.ts";
import { parsePath } from "./json-path.ts";
import { fillTopic, isTopic, topicBytesMax } from "./topic.ts";

/** Topics that one channel listens to; each costs the broker a look at every message. More is a config error. */
export const topicsMax = 1_000;

/** Longest silence of a numeric point that is not told otherwise: battery sensors report at least hourly. */
export const staleAfterMsDefault = 3_600_000;

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });
const topic = z.string().min(1).max(topicBytesMax);

const path = z
  .string()
  .max(300)
  .check(({ value, issues }) => {
    const parsed = parsePath(value);
    if (typeof parsed !== "string") return;
    issues.push({ code: "custom", input: value, message: parsed });
  })
  .meta({
    description: "Where the value stands in the JSON: a.b, a[0].b, params['temperature:0'].tC",
    examples: ["temperature", "params['temperature:0'].tC"],
  });

const scalar = z.union([z.string().max(60), z.number(), z.boolean()]);
const scalars = z.array(scalar).min(1).max(20);

const command = z.strictObject({
  topic: topic.meta({ description: "Where the value is published; {topic} is the device's topic" }),
  payload: z.string().max(500).default("{value}").meta({
    description: "What is published, with {value} in the place of the value",
  }),
  on: z.string().max(60).default("ON").meta({ description: "What {value} is for true" }),
  off: z.string().max(60).default("OFF").meta({ description: "What {value} is for false" }),
});

const pointObject = z.strictObject({
  topic: topic.optional().meta({
    description: "Default: the device's topic, which {topic} stands for; no wildcards",
  }),
  path: path.optional().meta({
    description: "Default: the whole message is the value. A message without it says nothing",
  }),
  metric: z.string().min(1).max(300).optional().meta({
    description: "Sparkplug devices only: name of the metric (default: the point's own name)",
  }),
  kind: z
    .enum(["number", "boolean", "text"])
    .default("number")
    .meta({ description: "What the value is" }),
  on: scalars.optional().meta({ description: "Values that mean true (default true, on, 1)" }),
  off: scalars.optional().meta({ description: "Values that mean false (default false, off, 0)" }),
  scale: z.number().optional().meta({ description: "value = raw * scale + offset" }),
  offset: z.number().optional().meta({ description: "Added after scale" }),
  unavailable: scalars.optional().meta({ description: "Values that mean no reading: -127, none" }),
  retained: z.enum(["ignore", "accept"]).default("ignore").meta({
    description:
      "A message that the broker kept is not live. ignore: drop it; accept: an uncertain value",
  }),
  timestamp: path.optional().meta({
    description: "Where the message says when it was measured: ISO 8601 with zone, or Unix time",
  }),
  access: z
    .enum(["read", "write", "read-write"])
    .default("read")
    .meta({ description: "What can be written needs command" }),
  command: command.optional().meta({ description: "Needed for what can be written" }),
  role: z.enum(["lamp", "buzzer"]).optional().meta({ description: "What an output is to people" }),
  ...pointSettings,
});

/** Checked before templates know the device's topic, so it looks only at the point itself. */
export const pointSchema = pointObject.check(({ value: point, issues }) => {
  const report = (message: string, key: string) =>
    issues.push({ code: "custom", input: point, message, path: [key] });
  if (point.scale === 0) report("mqtt/scale-zero", "scale");
  if (point.kind !== "number" && (point.scale ?? point.offset) !== undefined)
    report("mqtt/number-only", point.scale === undefined ? "offset" : "scale");
  if ((point.on === undefined) !== (point.off === undefined))
    report("mqtt/on-and-off", point.on === undefined ? "off" : "on");
  else if (point.on !== undefined && point.kind !== "boolean") report("mqtt/boolean-only", "on");
  if (point.access !== "read" && point.command === undefined)
    report("mqtt/command-missing", "access");
  if (point.access === "read" && point.command !== undefined)
    report("mqtt/command-unused", "command");
});
export type MqttPoint = z.infer<typeof pointSchema>;

const availability = z.strictObject({
  topic: topic.meta({ description: "{topic} is the device's topic" }),
  path: path.optional(),
  online: z.string().max(60).default("online").meta({ description: "The device is there" }),
  offline: z.string().max(60).default("offline").meta({
    description: "It is not: its points are bad at once",
  }),
});

/** A Sparkplug name is one level of a topic. [tck-id-topic-structure] */
const sparkplugName = z.string().regex(/^[^+#/\p{Cc}]{1,120}$/u, { error: "mqtt/sparkplug-name" });

const sparkplug = z.strictObject({
  group: sparkplugName.meta({ description: "Group of edge nodes" }),
  node: sparkplugName.meta({ description: "Edge node" }),
  device: sparkplugName.optional().meta({
    description: "Device behind the edge node; without it the metrics are the node's own",
  }),
});

/** Settings of a device that a template may give. */
export const deviceSettings = {
  availability: availability.optional().meta({
    description: "Where the device, or its last will, says whether it is there",
  }),
  staleAfter: duration({ min: 10_000 }).optional().meta({
    description: "Silence after which its points are bad (default: 1h for numbers, else never)",
  }),
};

const deviceObject = z.strictObject({
  template: z.string().optional().meta({ description: "Device model: a file in templates/" }),
  name: z.string().max(120).optional().meta({ description: "What people call the device" }),
  topic: topic.optional().meta({
    description: "The device's own topic, which {topic} stands for in its points",
    examples: ["zigbee2mqtt/fridge-1", "tasmota_5B2C11"],
  }),
  sparkplug: sparkplug.optional().meta({ description: "In place of topic, for Sparkplug B" }),
  ...deviceSettings,
  points: z.record(id, pointSchema).default({}),
});
export type MqttDevice = z.infer<typeof deviceObject>;

const deviceSchema = deviceObject.check(({ value: device, issues }) => {
  const report = (message: string, path: readonly string[]) =>
    issues.push({ code: "custom", input: device, message, path: [...path] });
  if (device.sparkplug !== undefined && device.topic !== undefined)
    report("mqtt/sparkplug-or-topic", ["topic"]);
  const check = (pattern: string | undefined, path: readonly string[]) => {
    if (pattern?.includes("{topic}") === true && device.topic === undefined)
      report("mqtt/topic-missing", path);
    else if (pattern !== undefined && !isTopic(fillTopic(pattern, device.topic)))
      report("mqtt/topic", path);
  };
  check(device.topic, ["topic"]);
  check(device.availability?.topic, ["availability", "topic"]);
  for (const [name, point] of Object.entries(device.points)) {
    const at = ["points", name];
    check(point.command?.topic, [...at, "command", "topic"]);
    if (point.access === "write") continue;
    if (device.sparkplug === undefined) {
      check(point.topic ?? "{topic}", point.topic === undefined ? at : [...at, "topic"]);
      if (point.metric !== undefined) report("mqtt/metric-only", [...at, "metric"]);
    } else {
      for (const key of ["topic", "path", "timestamp"] as const)
        if (point[key] !== undefined) report("mqtt/sparkplug-point", [...at, key]);
    }
  }
});

const channelObject = z.strictObject({
  driver: z.literal("mqtt"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  broker: brokerAddressSchema,
  user: z.string().min(1).max(120).optional().meta({ description: "User on another broker" }),
  password: secret().optional().meta({ description: "!secret of the user's password" }),
  caFile: z.string().min(1).max(300).optional().meta({
    description: "PEM file of the authority that signed the broker's certificate",
  }),
  clientId: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, { error: "mqtt/client-id" })
    .optional()
    .meta({ description: "Default: another one at each start" }),
  keepAlive: duration({ min: 2_000, max: 3_600_000 })
    .default(30_000)
    .meta({ description: "A broker that is silent for 1.5 times as long counts as gone" }),
  timeout: duration({ min: 100, max: 60_000 })
    .default(10_000)
    .meta({ description: "How long the broker may take to let us in or to confirm" }),
  qos: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .meta({ description: "1: the broker repeats what was not confirmed" }),
  every: duration({ min: 100, max: 60_000 }).default(1_000).meta({
    description: "A point's value is taken at once, then the newest one in this time",
  }),
  maxPacket: z.int().min(1_024).max(1_048_576).default(65_536).meta({
    description: "Longest message, in bytes; a longer one makes its points bad",
    unit: "B",
  }),
  devices: z.record(id, deviceSchema),
});

export const channelSchema = channelObject.check(({ value: channel, issues }) => {
  const report = (message: string, path: readonly string[]) =>
    issues.push({ code: "custom", input: channel, message, path: [...path] });
  const { kind } = parseBroker(channel.broker) ?? {};
  for (const key of ["user", "password", "caFile"] as const)
    if (kind === "local" && channel[key] !== undefined) report("mqtt/local-only", [key]);
  if (kind === "tcp" && channel.caFile !== undefined) report("mqtt/tls-only", ["caFile"]);
  if (channel.password !== undefined && channel.user === undefined)
    report("mqtt/user-missing", ["password"]);
  let topics = 0;
  for (const [name, device] of Object.entries(channel.devices)) {
    topics += Object.keys(device.points).length + 1;
    const isOwn = device.topic?.startsWith("rackwatch/") === true && kind === "local";
    if (isOwn) report("mqtt/own-topic", ["devices", name, "topic"]);
  }
  if (topics > topicsMax) report("mqtt/topics-max", ["devices"]);
});
export type MqttChannel = z.infer<typeof channelSchema>;
