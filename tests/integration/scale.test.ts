import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { scale } from "../../drivers/scale/driver.ts";
import type { ScaleChannel } from "../../drivers/scale/schema.ts";
import { settingsOf } from "../../drivers/scale/settings.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { isGood, language, openChannel, openScale, readOf } from "./scale-rig.ts";

const every = { every: "60ms" };

test("what is put on a simulated scale is what is read, also while it moves and when it is too much", async () => {
  await using simulator = await startScaleSimulator({ protocol: language("mt-sics") });
  await using rig = await openScale({ protocol: "mt-sics", port: simulator.address }, every);
  simulator.scale.set({ weight: 1.25 });
  expect(await rig.until("s/weight", (sample) => readOf(sample) === 1.25)).toMatchObject({
    quality: "good",
    raw: 1.25,
  });
  simulator.scale.set({ weight: 2, moving: true });
  expect(await rig.until("s/weight", (sample) => readOf(sample) === 2)).toMatchObject({
    quality: "uncertain",
    reason: "unstable",
  });
  simulator.scale.set({ status: "overload" });
  expect(await rig.until("s/weight", ({ quality }) => quality === "bad")).toMatchObject({
    reason: "overload",
  });
  expect(await rig.until("s/status", () => true)).toMatchObject({ value: "overload" });
});

test("a scale in pounds is read in kg, and says that it is in pounds", async () => {
  const load = { weight: 10, unit: "lb" };
  await using simulator = await startScaleSimulator({ protocol: language("toledo"), load });
  await using rig = await openScale({ protocol: "toledo", port: simulator.address }, every);
  expect(await rig.until("s/weight", isGood)).toMatchObject({ value: 4.5359237, raw: 10 });
  expect(readOf(await rig.until("s/unit", isGood))).toBe("lb");
});

test("tare and zero change what is read; a scale that refuses them says so", async () => {
  const load = { weight: 3 };
  await using simulator = await startScaleSimulator({ protocol: language("mt-sics"), load });
  const channel = { protocol: "mt-sics", port: simulator.address };
  for (const mode of ["poll", "stream"]) {
    simulator.scale.set({ weight: 3, tare: 0, moving: false });
    await using rig = await openScale({ ...channel, mode }, every);
    await rig.until("s/weight", (sample) => readOf(sample) === 3);
    await rig.session.write?.("s/tare", true);
    await rig.until("s/weight", (sample) => readOf(sample) === 0);
    await rig.session.write?.("s/clear-tare", true);
    await rig.until("s/weight", (sample) => readOf(sample) === 3);
    await rig.session.write?.("s/zero", true);
    await rig.until("s/weight", (sample) => readOf(sample) === 0);
    simulator.scale.set({ moving: true });
    await expect(rig.session.write?.("s/zero", true)).rejects.toMatchObject({
      code: "driver/refused",
    });
  }
});

test("a scale that is asked for a stable weight answers when the load rests", async () => {
  const load = { weight: 5, moving: true };
  await using simulator = await startScaleSimulator({ protocol: language("mt-sics"), load });
  const channel = { protocol: "mt-sics", mode: "stable", port: simulator.address };
  await using rig = await openScale(channel, every);
  const weight = rig.until("s/weight", () => true);
  simulator.scale.set({ moving: false, weight: 6 });
  expect(await weight).toMatchObject({ quality: "good", value: 6 });
});

test("a stream whose every third frame is spoilt by the wire gives right weights or none", async () => {
  const load = { weight: 38.62 };
  await using simulator = await startScaleSimulator({
    ...{ protocol: language("toledo"), load, everyMs: 10 },
  });
  simulator.setFaults({ corruptEvery: 3 });
  const channel = { protocol: "toledo", checksum: "on", port: simulator.address };
  await using rig = await openScale(channel, { every: "50ms" });
  for (let count = 0; count < 30; count += 1) {
    const sample = await rig.until("s/weight", () => true);
    if (sample.quality !== "bad") expect(sample.value).toBe(38.62);
  }
});

test("a babbling wire is bad, and holds up neither its own closing nor the event loop", async () => {
  await using simulator = await startScaleSimulator({ protocol: language("toledo") });
  simulator.setFaults({ babble: true, silent: true });
  const rig = await openScale(
    { protocol: "toledo", timeout: "100ms", port: simulator.address },
    every,
  );
  expect(await rig.until("s/weight", () => true)).toMatchObject({ quality: "bad" });
  const startMs = performance.now();
  await rig[Symbol.asyncDispose]();
  expect(performance.now() - startMs).toBeLessThan(5_000);
});

test("a template makes a channel: its language, its frames and its line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "scale-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const channelFor = (port: string) => {
    const file = join(folder, "gateway.yaml");
    const devices = "devices: { s: { template: scale-iq355, every: 100ms } }";
    const channel = `a: { driver: scale, port: "${port}", ${devices} }`;
    writeFileSync(file, `version: 1\ngateway: { id: g }\nchannels:\n  ${channel}\n`);
    const loaded = loadConfig(file, { drivers: [scale] });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    // The driver's own schema has made it.
    return loaded.config.channels["a"] as unknown as ScaleChannel;
  };
  const protocol = settingsOf(channelFor("tcp://127.0.0.1:1"))?.protocol;
  if (protocol === undefined) throw new Error("no language");
  const load = { weight: 12.5, unit: "lb", moving: true };
  await using simulator = await startScaleSimulator({ protocol, load });
  await using rig = await openChannel(channelFor(simulator.address));
  const moving = await rig.until("s/weight", ({ quality }) => quality === "uncertain");
  expect(moving).toMatchObject({ value: 5.669904625, raw: 12.5, reason: "unstable" });
  simulator.scale.set({ moving: false, tare: 2 });
  await rig.until("s/weight", (sample) => isGood(sample) && sample.raw === 10.5);
  simulator.scale.set({ status: "overload" });
  await rig.until("s/weight", (sample) => sample.quality === "bad" && sample.reason === "overload");
});
