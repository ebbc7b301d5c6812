import { z } from "zod";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";
import { secret } from "../secret.ts";
import { parseFieldPath } from "./field-path.ts";
import { parseNodeReference, type ReferenceFault } from "./node-reference.ts";

/** Points of one channel: more would take a small PLC minutes to subscribe and this machine its memory. */
export const pointsMax = 5_000;

/** Sampling faster than this loads a PLC without any use for stock; many servers refuse it. */
const samplingMsMin = 250;

/** Switches that make one point bad: a device has a handful of such states. */
const badWhileMax = 8;

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });

const endpoint = z
  .string()
  .max(300)
  .regex(/^opc\.tcp:\/\/(?:\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+)(?::\d{1,5})?(?:\/\S*)?$/, {
    error: "opcua/endpoint",
  });

/** A node id with its namespace as URI, or a browse path. */
const node = z
  .string()
  .max(1_000)
  .check((context) => {
    const parsed = parseNodeReference(context.value);
    if (typeof parsed !== "string") return;
    context.issues.push({ code: "custom", input: context.value, message: parsed });
  })
  .meta({
    description:
      "nsu=URI;s=Name, ns=ALIAS;s=Name, i=2258, or a browse path /Objects/ALIAS:Line/ALIAS:Level; without the leading slash it starts at the device's root, which is .",
    examples: ["nsu=http://vendor/ns;s=Tank.Level", "/Objects/plc:Line/plc:Level"],
  });

const field = z
  .string()
  .max(300)
  .check((context) => {
    if (parseFieldPath(context.value) !== undefined) return;
    context.issues.push({ code: "custom", input: context.value, message: "opcua/field" });
  })
  .meta({
    description:
      "Part of a structure: Net, Sighting[0].Antenna; [] takes every element. For events the first part is the event's field: AutoID:ScanResult[].ScanData",
  });

const deadband = z
  .union([
    z.strictObject({
      absolute: z.number().positive().meta({ description: "In the node's unit" }),
    }),
    z.strictObject({
      percent: z.number().positive().max(100).meta({ description: "Of EURange" }),
    }),
  ])
  .meta({
    description: "Smaller changes are not sent; percent needs a node with EURange",
  });

const pointObject = z.strictObject({
  node,
  field: field.optional(),
  event: node.optional().meta({
    description: "Node of an event type: the point takes events that the node sends, not its value",
  }),
  kind: z
    .enum(["number", "boolean", "text"])
    .optional()
    .meta({ description: "number (default); text with enum and for events" }),
  enum: z
    .record(z.string().regex(/^-?\d{1,10}$/, { error: "opcua/enum-code" }), z.string().max(60))
    .optional()
    .meta({ description: "Text for each raw value; any other raw value is a bad sample" }),
  engineeringUnits: z.boolean().default(false).meta({
    description: "A mass whose unit the node tells (EngineeringUnits) is converted to kg",
  }),
  badWhile: z.array(id).min(1).max(badWhileMax).optional().meta({
    description:
      "Switches of the same device (points of kind boolean): while one is on, the value is bad with its name as reason, for example overload",
  }),
  access: z
    .enum(["read", "write", "read-write"])
    .default("read")
    .meta({ description: "Whole variables can be written, if the server lets the user" }),
  mode: z.enum(["subscribe", "poll"]).optional().meta({ description: "In place of the device's" }),
  every: duration({ min: 100 }).optional().meta({ description: "Period of polling" }),
  sampling: duration({ min: samplingMsMin }).optional().meta({
    description: "How often the server looks at the node, in place of the device's",
  }),
  queue: z.int().min(2).max(1_000).optional().meta({
    description: "Changes that the server keeps between two publications, in place of the device's",
  }),
  deadband: deadband.optional(),
  ...pointSettings,
});

export const pointSchema = pointObject.check(({ value: point, issues }) => {
  const report = (message: string, key: string) =>
    issues.push({ code: "custom", input: point, message, path: [key] });
  if (point.event !== undefined) {
    if (point.field === undefined) report("opcua/event-field", "event");
    if (point.access !== "read") report("opcua/event-access", "access");
    if (point.mode === "poll") report("opcua/event-poll", "mode");
    if (point.deadband !== undefined) report("opcua/event-deadband", "deadband");
    if (point.badWhile !== undefined) report("opcua/bad-while", "badWhile");
  }
  if (point.field !== undefined && point.access !== "read") report("opcua/field-access", "access");
  if (point.deadband !== undefined && point.kind !== undefined && point.kind !== "number")
    report("opcua/deadband-kind", "deadband");
  if (point.enum !== undefined && (point.kind ?? "text") !== "text")
    report("opcua/enum-kind", "kind");
  if (point.engineeringUnits && point.unit !== "kg")
    report("opcua/engineering-units", "engineeringUnits");
});
export type OpcUaPoint = z.infer<typeof pointSchema>;

/** Settings of a device that a template may give. */
export const deviceSettings = {
  root: node.optional().meta({
    description: "Where relative browse paths of the points start (default: the folder Objects)",
  }),
  mode: z.enum(["subscribe", "poll"]).optional().meta({
    description: "In place of the channel's; poll is also what is done where a server refuses",
  }),
  every: duration({ min: 100 }).default(1_000).meta({ description: "Period of polling" }),
  sampling: duration({ min: samplingMsMin })
    .default(500)
    .meta({ description: "How often the server looks at its nodes" }),
  queue: z
    .int()
    .min(2)
    .max(1_000)
    .default(2)
    .meta({ description: "Changes that the server keeps between two publications" }),
};

const deviceSchema = z.strictObject({
  template: z.string().optional().meta({ description: "Device model: a file in templates/" }),
  name: z.string().max(120).optional().meta({ description: "What people call the device" }),
  ...deviceSettings,
  points: z.record(id, pointSchema).default({}),
});
export type OpcUaDevice = z.infer<typeof deviceSchema>;

export const securityPolicies = [
  "Basic256Sha256",
  "Aes128_Sha256_RsaOaep",
  "Aes256_Sha256_RsaPss",
] as const;

const securitySchema = z.strictObject({
  mode: z
    .enum(["none", "sign", "sign-and-encrypt"])
    .default("sign-and-encrypt")
    .meta({ description: "none: anybody on the network can read and change everything" }),
  policy: z
    .enum(securityPolicies)
    .default("Basic256Sha256")
    .meta({ description: "Must be one that the server offers" }),
});

const channelObject = z.strictObject({
  driver: z.literal("opcua"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  endpoint: endpoint.meta({
    description: "Address of the server",
    examples: ["opc.tcp://10.0.0.8:4840"],
  }),
  security: securitySchema.prefault({}).meta({ description: "How the connection is protected" }),
  user: z.string().min(1).max(200).optional().meta({ description: "Default: anonymous" }),
  password: secret().optional().meta({ description: "!secret of the user's password" }),
  certificate: z
    .strictObject({
      cert: z.string().max(500).meta({ description: "File of the user's certificate, PEM or DER" }),
      key: z.string().max(500).meta({ description: "File of its private key, PEM" }),
    })
    .optional()
    .meta({ description: "Log in by certificate instead of user and password" }),
  namespaces: z
    .record(z.string().regex(/^[A-Za-z_][\w-]{0,30}$/, { error: "opcua/alias" }), z.string().min(1))
    .default({})
    .meta({ description: "Short names for namespace URIs, for use in node and root" }),
  mode: z
    .enum(["subscribe", "poll"])
    .default("subscribe")
    .meta({ description: "subscribe: the server sends changes; poll: it is asked" }),
  publishing: duration({ min: 100, max: 60_000 })
    .default(1_000)
    .meta({ description: "How often the server sends what has changed" }),
  timeout: duration({ min: 200, max: 60_000 })
    .default(4_000)
    .meta({ description: "How long to wait for an answer; later the server counts as gone" }),
  devices: z.record(id, deviceSchema),
});

export const channelSchema = channelObject.check(({ value: channel, issues }) => {
  const report = (message: string, path: (string | number)[]) =>
    issues.push({ code: "custom", input: channel, message, path });
  if (channel.password !== undefined && channel.user === undefined)
    report("opcua/password-user", ["password"]);
  if (channel.certificate !== undefined && channel.user !== undefined)
    report("opcua/two-identities", ["certificate"]);
  let points = 0;
  for (const [name, device] of Object.entries(channel.devices)) {
    const at = ["devices", name];
    const check = (text: string | undefined, path: string[]) => {
      const fault = text === undefined ? undefined : faultOf(text, channel.namespaces);
      if (fault === "opcua/namespace") report(fault, [...at, ...path]);
    };
    check(device.root, ["root"]);
    for (const [key, point] of Object.entries(device.points)) {
      points += 1;
      check(point.node, ["points", key, "node"]);
      check(point.event, ["points", key, "event"]);
      for (const [index, name] of (point.badWhile ?? []).entries()) {
        const isSwitch = name !== key && isReadSwitch(device.points[name]);
        if (!isSwitch) report("opcua/bad-while", [...at, "points", key, "badWhile", index]);
      }
    }
  }
  if (points > pointsMax) report("opcua/points-max", ["devices"]);
});
export type OpcUaChannel = z.infer<typeof channelSchema>;

function isReadSwitch(point: OpcUaPoint | undefined): boolean {
  return point?.kind === "boolean" && point.access !== "write" && point.event === undefined;
}

function faultOf(
  text: string,
  namespaces: Readonly<Record<string, string>>,
): ReferenceFault | undefined {
  const parsed = parseNodeReference(text, namespaces);
  return typeof parsed === "string" ? parsed : undefined;
}

/** What the values of a point are. */
export function kindOf(point: OpcUaPoint): "number" | "boolean" | "text" {
  if (point.kind !== undefined) return point.kind;
  const isNumber = point.enum === undefined && point.event === undefined;
  return isNumber || point.engineeringUnits ? "number" : "text";
}
