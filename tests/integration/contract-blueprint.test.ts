import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../config/load.ts";
import { problemText } from "../../config/report.ts";
import { drivers } from "../../drivers/index.ts";
import { thermometer } from "../blueprint/driver.ts";
import { createThermometerFramer, encodeReading, readingOf } from "../blueprint/frame.ts";
import { startThermometerSimulator } from "../blueprint/simulator.ts";
import { templateSchema } from "../blueprint/template.ts";
import { contractRig, driverContract } from "../support/driver-contract.ts";
import { framerProperties } from "../support/framer-properties.ts";

const blueprint = new URL("../blueprint/", import.meta.url);
const template = new URL("templates/thermo-4.yaml", blueprint);
const guide = new URL("../../docs/driver-guide.md", import.meta.url);

const truth: Readonly<Record<string, number>> = { "a/top": 4.5, "a/bottom": -18, "b/only": 21 };

async function simulate() {
  const simulator = await startThermometerSimulator({ "11": 4.5, "13": -18, "21": 21 });
  return contractRig(simulator, {
    driver: "thermometer",
    port: simulator.address,
    timeout: "150ms",
    devices: {
      a: { unit: 1, every: "60ms", points: { top: { probe: 1 }, bottom: { probe: 3 } } },
      b: { unit: 2, every: "60ms", points: { only: { probe: 1 } } },
    },
  });
}

const file = (device: string) => `version: 1
gateway: { id: g }
channels:
  cabinet:
    driver: thermometer
    port: tcp://10.0.0.5:4001
    devices:
      a: ${device}
`;

driverContract({
  name: "blueprint thermometer",
  driver: thermometer,
  simulate,
  unharmedBy: ["garbage"],
  isTrue: (sample) => sample.quality === "bad" || sample.value === truth[sample.point],
  wrongConfigs: [
    { yaml: file("{ unit: 10 }"), line: 8, column: 18, code: "schema/too-big" },
    { yaml: file("{ unit: 1, evry: 1s }"), line: 8, column: 21, code: "schema/unknown-key" },
    {
      yaml: file("{ unit: 1, points: { top: { probe: 5 } } }"),
      ...{ line: 8, column: 45, code: "schema/too-big" },
    },
  ],
});

const readings = fc
  .record({
    unit: fc.integer({ min: 1, max: 9 }),
    probe: fc.integer({ min: 1, max: 4 }),
    tenths: fc.option(fc.integer({ min: -9_999, max: 9_999 })),
  })
  .map(({ unit, probe, tenths }) => ({
    ...{ unit, probe },
    ...(tenths === null ? {} : { celsius: tenths / 10 }),
  }));

framerProperties(
  "blueprint thermometer",
  createThermometerFramer,
  readings.map(encodeReading),
  (bytes) => {
    const [checked = "", check] = Buffer.from(bytes).toString("latin1").trimEnd().split("*");
    const xor = [...checked].reduce((sum, character) => sum ^ character.charCodeAt(0), 0);
    return bytes.length === 17 && Number.parseInt(check ?? "", 16) === xor;
  },
  { randomBytes: 1_000_000, heldBytesMax: 16 },
);

test("blueprint: a reading survives the wire", () => {
  fc.assert(
    fc.property(readings, (reading) => {
      expect(readingOf(encodeReading(reading))).toEqual(reading);
    }),
  );
});

test("blueprint: a probe that is missing is bad with its reason, never a temperature", async () => {
  const simulator = await startThermometerSimulator({ "11": 4.5 });
  onTestFinished(() => simulator.stop());
  const channel = thermometer.schema.parse({
    ...{ driver: "thermometer", port: simulator.address },
    devices: { a: { unit: 1, every: "50ms", points: { gone: { probe: 4 } } } },
  });
  const { systemClock } = await import("../../gateway/runtime/clock.ts");
  const { memoryLog } = await import("../support/manual-clock.ts");
  const context = { clock: systemClock, log: memoryLog().log };
  await using session = await thermometer.open(channel, context, new AbortController().signal);
  for await (const samples of session.samples()) {
    expect(samples).toMatchObject([{ point: "a/gone", quality: "bad", reason: "no-probe" }]);
    break;
  }
});

test("blueprint: every example of its template decodes as it says", () => {
  const { examples } = templateSchema.parse(parse(readFileSync(template, "utf8")));
  for (const { text, expect: expected } of examples) {
    const framer = createThermometerFramer();
    const [found] = framer.push(Buffer.from(text, "latin1"));
    expect(found, text).toMatchObject({ ok: true });
    const { probe, celsius = null } = readingOf(Buffer.from(text, "latin1")) ?? {};
    expect({ probe, celsius }).toEqual(expected);
  }
});

test("the guide's examples are configurations, and its files are there", () => {
  const text = readFileSync(guide, "utf8");
  const examples = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = ""]) => yaml);
  expect(examples.length).toBeGreaterThan(0);
  for (const yaml of examples) {
    const folder = mkdtempSync(join(tmpdir(), "guide-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "gateway.yaml");
    writeFileSync(path, `version: 1\ngateway: { id: guide }\n${yaml}`);
    const templateFolder = new URL("templates/", blueprint).pathname;
    const loaded = loadConfig(path, { drivers: [...drivers, thermometer], templateFolder });
    const found = loaded.ok ? loaded.warnings : loaded.problems;
    expect(found.map((problem) => problemText(problem, "en"))).toEqual([]);
  }
});
