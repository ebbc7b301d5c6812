import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { scale } from "./driver.ts";
import { channelSchema } from "./schema.ts";
import { settingsOf } from "./settings.ts";

const port = "tcp://10.0.0.21:4001";
const parse = (channel: object, device: object = {}) =>
  channelSchema.parse({ driver: "scale", port, devices: { s: device }, ...channel });
const faults = (channel: object, device: object = {}) =>
  channelSchema
    .safeParse({ driver: "scale", port, devices: { s: device }, ...channel })
    .error?.issues.map(({ message, path }) => `${path.join(".")} ${message}`);

test("a scale says what its points are: what its language has, in kg", () => {
  expect(scale.describe(parse({ protocol: "toledo" }, { every: "2s" }))).toEqual([
    { key: "s/weight", kind: "number", unit: "kg", access: "read", everyMs: 2_000 },
    { key: "s/stable", kind: "boolean", access: "read", everyMs: 2_000 },
    { key: "s/net", kind: "boolean", access: "read", everyMs: 2_000 },
    { key: "s/tare-weight", kind: "number", unit: "kg", access: "read", everyMs: 2_000 },
    { key: "s/unit", kind: "text", access: "read", everyMs: 2_000 },
    { key: "s/status", kind: "text", access: "read", everyMs: 2_000 },
    { key: "s/zero", kind: "boolean", access: "write", isCommand: true },
    { key: "s/tare", kind: "boolean", access: "write", isCommand: true },
    { key: "s/clear-tare", kind: "boolean", access: "write", isCommand: true },
  ]);
  const keys = scale.describe(parse({ protocol: "keli" })).map(({ key }) => key);
  expect(keys).toEqual(["s/weight", "s/stable", "s/unit", "s/status"]);
});

test("a scale has its port for itself, with the line settings that it speaks at", () => {
  expect(scale.claims(parse({ protocol: "mt-sics" }))).toEqual([
    { resource: port, exclusive: true, path: ["port"] },
  ]);
  expect(scale.claims(parse({ protocol: "toledo", port: "serial:/dev/ttyUSB0" }))).toEqual([
    { resource: "serial:/dev/ttyUSB0", exclusive: true, settings: "9600 7E1", path: ["port"] },
  ]);
});

test("the channel comes before the template, the template before the language", () => {
  const bare = settingsOf(parse({ protocol: "and" }));
  expect(bare).toMatchObject({
    serial: { baudRate: 2_400, dataBits: 7, parity: "even", stopBits: 1 },
    options: { checksum: "auto" },
    ...{ mode: "stream", everyMs: 1_000, timeoutMs: 2_000 },
  });
  const template = { protocol: "and", baudRate: 4_800, mode: "poll", checksum: "off" };
  expect(settingsOf(parse({}, template))).toMatchObject({
    serial: { baudRate: 4_800, dataBits: 7 },
    options: { checksum: "off" },
    ...{ mode: "poll", timeoutMs: 1_000 },
  });
  const over = { baudRate: 9_600, dataBits: 8, timeout: "3s", dtr: false };
  expect(settingsOf(parse(over, template))).toMatchObject({
    serial: { baudRate: 9_600, dataBits: 8, dtr: false },
    ...{ mode: "poll", timeoutMs: 3_000 },
  });
});

const format = { frame: { end: "\r\n" }, pattern: "(?<weight>\\d+)" };

test.each([
  ["no protocol", {}, {}, ["protocol scale/protocol-missing"]],
  ["a described scale without format", { protocol: "described" }, {}, ["protocol scale/no-format"]],
  [
    "a format beside a language",
    { protocol: "keli", format },
    {},
    ["format scale/needless-format"],
  ],
  [
    "a template's format beside the channel's language",
    ...([{ protocol: "keli" }, { format }, ["devices.s.format scale/needless-format"]] as const),
  ],
  ["a mode that the language lacks", { protocol: "keli", mode: "poll" }, {}, ["mode scale/mode"]],
  [
    "a mode that a template's language lacks",
    ...([{}, { protocol: "keli", mode: "poll" }, ["devices.s.mode scale/mode"]] as const),
  ],
  [
    "equal readings where the scale says itself that it is stable",
    ...([{ protocol: "mt-sics" }, { stableAfter: {} }] as const),
    ["devices.s.stableAfter scale/stable-flag"],
  ],
  [
    "a point that the language lacks",
    ...([{ protocol: "keli" }, { points: { zero: {} } }] as const),
    ["devices.s.points.zero scale/no-point"],
  ],
  [
    "two scales on one line",
    ...([
      { protocol: "keli", devices: { s: {}, t: {} } },
      {},
      ["devices.t scale/one-device"],
    ] as const),
  ],
])("%s is refused where it stands", (_, channel, device, expected) => {
  expect(faults(channel, device)).toEqual(expected);
});

test("a channel whose only device was taken out for its errors has no further ones, and cannot be opened", async () => {
  const channel = channelSchema.parse({ driver: "scale", port, devices: {} });
  expect(scale.describe(channel)).toEqual([]);
  const context = { clock: new ManualClock(), log: memoryLog().log };
  const open = scale.open(channel, context, new AbortController().signal);
  await expect(open).rejects.toMatchObject({ code: "config/invalid" });
});
