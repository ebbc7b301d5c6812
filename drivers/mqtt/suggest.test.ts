import { expect, test } from "vitest";
import { channelSchema } from "./schema.ts";
import { datatypes, loadSparkplug } from "./sparkplug-payload.ts";
import { suggestDevices } from "./suggest.ts";

const codec = await loadSparkplug();
const suggest = (messages: Readonly<Record<string, string | Uint8Array>>) =>
  suggestDevices(
    Object.entries(messages).map(([topic, payload]) => ({ topic, payload: Buffer.from(payload) })),
    codec,
  );

test("each family is known by its topics and messages, and gets its template", () => {
  const found = suggest({
    "zigbee2mqtt/bridge/state": '{"state":"online"}',
    "zigbee2mqtt/冷库 1": '{"temperature":4,"humidity":60,"linkquality":9}',
    "zigbee2mqtt/冷库 1/availability": '{"state":"online"}',
    "zigbee2mqtt/door": '{"contact":true,"linkquality":9}',
    "tele/tasmota_1/LWT": "Online",
    "tele/tasmota_1/SENSOR": '{"Time":"2024-01-01T00:00:00","AM2301":{"Temperature":4}}',
    "tele/tasmota_2/SENSOR": '{"Time":"2024-01-01T00:00:00","ANALOG":{"A0":7}}',
    "shellyplus1-ab/online": "true",
    "shellyplus1-ab/status/switch:0": '{"id":0,"output":true}',
    "shellyplusht-cd/online": "true",
    "shellyplusht-cd/events/rpc": '{"method":"NotifyStatus","params":{}}',
    "rackwatch/wh1/points/a/b": '{"value":1}',
    "homeassistant/sensor/x/config": '{"a":1}',
  });
  expect(found.map(({ id, family, settings }) => [id, family, settings["template"]])).toEqual([
    ["1", "zigbee2mqtt", "zigbee2mqtt-climate"],
    ["door", "zigbee2mqtt", "zigbee2mqtt-contact"],
    ["tasmota_1", "tasmota", "tasmota-am2301"],
    ["tasmota_2", "tasmota", undefined],
    ["shellyplus1-ab", "shelly", "shelly-gen2-switch"],
    ["shellyplusht-cd", "shelly", "shelly-gen2-climate"],
  ]);
  expect(found[3]?.settings["points"]).toEqual({
    "analog-a0": { topic: "tele/{topic}/SENSOR", path: "ANALOG.A0" },
  });
});

test("what is known by no family is read from its messages, and can be pasted", () => {
  const found = suggest({
    "shop/freezer": '{"t":{"a.b":-18.2},"lid":false,"note":"x","rows":[1]}',
    "hall/one/temperature": "21.5",
    "hall/one/humidity": "40",
    "hall/two/temperature": "20",
    words: "hello",
    "spBv1.0/g/DBIRTH/n/l": codec.encode({
      metrics: [
        { name: "Process/T", datatype: datatypes.float, value: 4 },
        { name: "on", datatype: datatypes.boolean, value: true },
        { name: "Device Control/Rebirth", datatype: datatypes.boolean, value: false },
      ],
    }),
  });
  expect(found).toEqual([
    {
      id: "freezer",
      family: "json",
      settings: {
        topic: "shop/freezer",
        points: { "t-a.b": { path: "t['a.b']" }, lid: { path: "lid", kind: "boolean" } },
      },
    },
    {
      id: "one",
      family: "plain",
      settings: {
        topic: "hall/one",
        points: {
          temperature: { topic: "{topic}/temperature" },
          humidity: { topic: "{topic}/humidity" },
        },
      },
    },
    {
      id: "two",
      family: "plain",
      settings: { topic: "hall/two", points: { temperature: { topic: "{topic}/temperature" } } },
    },
    {
      id: "l",
      family: "sparkplug",
      settings: {
        sparkplug: { group: "g", node: "n", device: "l" },
        points: { "process-t": { metric: "Process/T" }, on: { metric: "on", kind: "boolean" } },
      },
    },
  ]);
  const devices = Object.fromEntries(found.map(({ id, settings }) => [id, settings]));
  expect(channelSchema.safeParse({ driver: "mqtt", broker: "local", devices }).success).toBe(true);
});

test("two devices of one name get two ids", () => {
  const found = suggest({ "a/x": '{"v":1}', "b/x": '{"v":1}', "b-x": '{"v":1}' });
  expect(found.map(({ id }) => id)).toEqual(["x", "b-x", "b-x-2"]);
});
