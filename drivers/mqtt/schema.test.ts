import { expect, test } from "vitest";
import { Secret } from "../secret.ts";
import { mqtt } from "./driver.ts";
import { channelSchema, topicsMax } from "./schema.ts";

const device = { topic: "f", points: { t: {} } };
const base = { driver: "mqtt", broker: "tcp://10.0.0.9", devices: { d: device } };
const withPoint = (point: object) => ({
  ...base,
  devices: { d: { ...device, points: { t: point } } },
});
const withDevice = (settings: object) => ({ ...base, devices: { d: { ...device, ...settings } } });
const place = { group: "g", node: "n" };
const command = { topic: "{topic}/set" };

function messages(channel: object): readonly string[] {
  const checked = channelSchema.safeParse(channel);
  return checked.success ? [] : checked.error.issues.map(({ message }) => message);
}

test("the smallest channel, and one with all that there is, are right", () => {
  expect(messages(base)).toEqual([]);
  expect(
    messages({
      ...base,
      broker: "tls://[fd00::9]:8884",
      user: "u",
      password: new Secret("p"),
      caFile: "/etc/ca.pem",
      devices: { d: { sparkplug: place, points: { t: { metric: "A/B" } } } },
    }),
  ).toEqual([]);
});

test.each<[object, string]>([
  [{ ...base, broker: "mqtt://10.0.0.9" }, "mqtt/broker"],
  [{ ...base, broker: "tcp://10.0.0.9:99999" }, "mqtt/broker"],
  [{ ...base, broker: "local", user: "u" }, "mqtt/local-only"],
  [{ ...base, caFile: "/etc/ca.pem" }, "mqtt/tls-only"],
  [{ ...base, password: new Secret("p") }, "mqtt/user-missing"],
  [{ ...base, clientId: "a b" }, "mqtt/client-id"],
  [withPoint({ topic: "a/#" }), "mqtt/topic"],
  [withPoint({ topic: "a/+/b" }), "mqtt/topic"],
  [withPoint({ topic: "a\u0000b" }), "mqtt/topic"],
  [withPoint({ path: "a..b" }), "mqtt/path-name"],
  [withPoint({ scale: 0 }), "mqtt/scale-zero"],
  [withPoint({ kind: "text", offset: 1 }), "mqtt/number-only"],
  [withPoint({ kind: "boolean", off: [0] }), "mqtt/on-and-off"],
  [withPoint({ on: [1], off: [0] }), "mqtt/boolean-only"],
  [withPoint({ access: "read-write" }), "mqtt/command-missing"],
  [withPoint({ command }), "mqtt/command-unused"],
  [withPoint({ metric: "m" }), "mqtt/metric-only"],
  [withDevice({ sparkplug: place }), "mqtt/sparkplug-or-topic"],
  [withDevice({ topic: undefined }), "mqtt/topic-missing"],
  [withDevice({ topic: undefined, sparkplug: { group: "g/h", node: "n" } }), "mqtt/sparkplug-name"],
  [
    withDevice({ topic: undefined, sparkplug: place, points: { t: { path: "a" } } }),
    "mqtt/sparkplug-point",
  ],
  [{ ...withDevice({ topic: "rackwatch/x" }), broker: "local" }, "mqtt/own-topic"],
])("what cannot work is refused: %#", (channel, message) => {
  expect(messages(channel)).toEqual([message]);
});

test("more topics than a broker likes are a mistake", () => {
  const points = Object.fromEntries(Array.from({ length: topicsMax }, (_, i) => [`p${i}`, {}]));
  expect(messages(withDevice({ points }))).toEqual(["mqtt/topics-max"]);
});

test("points say what they are, how old they may be, and what is published on the gateway's own broker", () => {
  const channel = channelSchema.parse({
    ...base,
    broker: "local",
    clientId: "one",
    devices: {
      d: {
        topic: "f",
        staleAfter: "30s",
        points: {
          t: { unit: "Cel" },
          open: { kind: "boolean", staleAfter: "1h" },
          horn: { kind: "boolean", role: "buzzer", access: "write", command },
        },
      },
      s: { sparkplug: place, points: { t: {} } },
    },
  });
  expect(mqtt.describe(channel)).toEqual([
    { key: "d/t", kind: "number", access: "read", unit: "Cel", everyMs: 10_000 },
    { key: "d/open", kind: "boolean", access: "read", everyMs: 1_200_000 },
    { key: "d/horn", kind: "boolean", access: "write", role: "buzzer" },
    { key: "s/t", kind: "number", access: "read", everyMs: 1_200_000 },
  ]);
  expect(mqtt.publishes?.(channel)).toEqual(["f/set", "spBv1.0/g/NCMD/n"]);
  expect(mqtt.claims(channel)).toMatchObject([{ exclusive: true, path: ["clientId"] }]);
});
