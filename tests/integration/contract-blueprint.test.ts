import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../config/load.ts";
import { problemText } from "../../config/report.ts";
import { drivers } from "../../drivers/index.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { thermometer } from "../blueprint/driver.ts";
import { createThermometerFramer, encodeReading, readingOf } from "../blueprint/frame.ts";
import { startThermometerSimulator } from "../blueprint/simulator.ts";
import { templateSchema } from "../blueprint/template.ts";
import { runDriver } from "../support/contract-runner.ts";
import { contractRig, driverContract } from "../support/driver-contract.ts";
import { framerProperties } from "../support/framer-properties.ts";
import { memoryLog } from "../support/manual-clock.ts";

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

/** Runs a line of thermometers with these periods until the test ends. */
async function start(temperatures: Readonly<Record<string, number>>, device: object) {
  const simulator = await startThermometerSimulator(temperatures);
  const channel = thermometer.schema.parse({
    ...{ driver: "thermometer", port: simulator.address, timeout: "100ms" },
    devices: { a: { unit: 1, ...device } },
  });
  const runner = runDriver(thermometer, channel, { clock: systemClock, log: memoryLog().log });
  onTestFinished(async () => {
    await runner[Symbol.asyncDispose]();
    await simulator.stop();
  });
  return { simulator, runner };
}

test("blueprint: a probe that is missing is bad with its reason, never a temperature", async () => {
  const { runner } = await start({ "11": 4.5 }, { every: "50ms", points: { gone: { probe: 4 } } });
  await runner.until(({ samples }) => samples.length > 0, 15_000);
  expect(runner.samples[0]).toMatchObject({
    ...{ point: "a/gone", quality: "bad", reason: "no-probe" },
  });
});

test("blueprint: a late answer never becomes another probe's value", async () => {
  const points = { top: { probe: 1 }, bottom: { probe: 2 } };
  const { simulator, runner } = await start({ "11": 4.5, "12": -18 }, { every: "50ms", points });
  simulator.setFaults({ delayMs: 130 });
  await runner.until(({ samples }) => samples.length >= 30, 15_000);
  const values: Readonly<Record<string, number>> = { "a/top": 4.5, "a/bottom": -18 };
  for (const sample of runner.samples)
    if (sample.quality !== "bad") expect(sample.value).toBe(values[sample.point]);
  expect(runner.samples.filter(({ quality }) => quality === "bad")).not.toEqual([]);
});

test("blueprint: a line that is lost between two readings is told as lost at once", async () => {
  const { simulator, runner } = await start(
    { "11": 4.5 },
    { every: "1h", points: { top: { probe: 1 } } },
  );
  await runner.until(({ samples }) => samples.length > 0, 15_000);
  simulator.cut();
  await runner.until(({ ends }) => ends.length > 0, 15_000);
  expect(runner.ends[0]).toMatchObject({ code: "driver/connection-lost" });
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
