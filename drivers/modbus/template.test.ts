import { expect, test } from "vitest";
import { shippedTemplates, templateHint } from "../../tests/support/shipped-templates.ts";
import { crc16 } from "./frame.ts";
import { plan, type ReadRequest, type Table } from "./plan.ts";
import { samplesOf } from "./samples.ts";
import { channelSchema } from "./schema.ts";
import { templateSchema } from "./template.ts";

type Template = ReturnType<typeof templateSchema.parse>;
type Example = Template["examples"][number];

const shipped = shippedTemplates("modbus");

test("the promised models are there", () => {
  expect(shipped.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      "comet-t3x11.yaml",
      "ee212.yaml",
      "generic-temperature-humidity.yaml",
      "laumas-tlb.yaml",
      "renke-rs-ws.yaml",
      "vaisala-hmp110.yaml",
      "xy-md02.yaml",
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

test.each(examples)("the example decodes as the manual says: $name", ({ yaml, example }) => {
  expect(decodeExample(yaml, example)).toEqual(example.expect);
});

test.each(shipped)("$file has examples for each of its first two points", ({ yaml }) => {
  const template = templateSchema.parse(yaml);
  const shown = new Set(template.examples.flatMap(({ expect: values }) => Object.keys(values)));
  for (const point of Object.keys(template.points).slice(0, 2)) expect(shown).toContain(point);
});

/** Reads the template as a device's settings, as the loader does, and its example through planner and decoder. */
function decodeExample(yaml: object, example: Example) {
  const settings = "device" in yaml && typeof yaml.device === "object" ? yaml.device : {};
  const points = "points" in yaml ? yaml.points : {};
  const channel = channelSchema.parse({
    driver: "modbus",
    port: "tcp://127.0.0.1:502",
    devices: { d: { unitId: 1, gap: 125, ...settings, points } },
  });
  const { table, address, count } = requestOf(example);
  const places = plan(channel)
    .filter(({ request }) => request.table === table)
    .flatMap(({ request }) => request.places)
    .filter((place) => place.address >= address && place.address + place.width <= address + count);
  const request: ReadRequest = { unitId: 1, table, address, count, places };
  return Object.fromEntries(
    samplesOf(request, dataOf(example, count), 0).map((sample) => [
      sample.point.slice("d/".length),
      sample.quality === "bad" ? null : sample.value,
    ]),
  );
}

const tables: Readonly<Record<string, Table>> = {
  "01": "coil",
  "02": "discrete",
  "03": "holding",
  "04": "input",
};

function requestOf({ request }: Example) {
  if (typeof request !== "string") return request;
  const [code = "", address = "", count = ""] = request.split(" ");
  const table = tables[code];
  if (table === undefined) throw new Error(`function ${code} does not read`);
  return { table, address: Number.parseInt(address, 16), count: Number.parseInt(count, 16) };
}

function dataOf({ response }: Example, count: number): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(response.replaceAll(/\s/g, ""), "hex"));
  if (bytes.length === count * 2) return bytes;
  expect(crc16(bytes)).toBe(0);
  expect(bytes[2]).toBe(count * 2);
  return bytes.slice(3, -2);
}
