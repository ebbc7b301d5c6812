import { expect, test } from "vitest";
import { shippedTemplates, templateHint } from "../../tests/support/shipped-templates.ts";
import { plan } from "./plan.ts";
import { Reception } from "./reception.ts";
import { channelSchema } from "./schema.ts";
import { loadSparkplug } from "./sparkplug-payload.ts";
import { templateSchema } from "./template.ts";

const codec = await loadSparkplug();

const shipped = shippedTemplates("mqtt");

test("the promised families are there", () => {
  expect(shipped.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      "mqtt-temperature-humidity.yaml",
      "shelly-gen2-climate.yaml",
      "shelly-gen2-switch.yaml",
      "sparkplug-temperature-humidity.yaml",
      "tasmota-am2301.yaml",
      "tasmota-ds18b20.yaml",
      "tasmota-relay.yaml",
      "zigbee2mqtt-climate.yaml",
      "zigbee2mqtt-contact.yaml",
    ]),
  );
});

test.each(shipped)("$file is a template that an editor can check", ({ text, yaml }) => {
  expect(text.split("\n")[0]).toBe(templateHint);
  templateSchema.parse(yaml);
});

const examples = shipped.flatMap(({ file, yaml }) =>
  templateSchema
    .parse(yaml)
    .examples.map((example, index) => ({ name: `${file} ${index}`, yaml, example })),
);

test.each(examples)("the message means what the example says: $name", ({ yaml, example }) => {
  const settings = "device" in yaml && typeof yaml.device === "object" ? yaml.device : {};
  const points = "points" in yaml ? yaml.points : {};
  const place =
    example.hex === undefined
      ? { topic: "device" }
      : { sparkplug: { group: "group", node: "node", device: "device" } };
  const channel = channelSchema.parse({
    driver: "mqtt",
    broker: "local",
    devices: { d: { ...place, ...settings, points } },
  });
  const now = { at: Date.UTC(2026, 0, 1), mono: 0 };
  const reception = new Reception({ plan: plan(channel), everyMs: 1_000, codec }, now);
  const payload =
    example.hex === undefined
      ? Buffer.from(example.payload ?? "")
      : Buffer.from(example.hex.replaceAll(/\s/g, ""), "hex");
  reception.hear({ topic: example.topic ?? "device", payload, retained: false }, now);
  const heard = reception
    .take(0)
    .map((sample) => [
      sample.point.slice("d/".length),
      sample.quality === "bad" ? null : sample.value,
    ]);
  expect(Object.fromEntries(heard)).toEqual(example.expect);
});
