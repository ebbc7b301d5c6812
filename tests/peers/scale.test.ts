import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import type { Clock, Sample } from "../../drivers/contract.ts";
import { scale } from "../../drivers/scale/driver.ts";
import { channelSchema } from "../../drivers/scale/schema.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { Supervisor } from "../../gateway/acquisition/supervisor.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { isGood, language, openScale, readOf } from "../integration/scale-rig.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { needPrograms, serialPair, temporaryFolder } from "./modbus/peer.ts";

const every = { every: "100ms" };

/** A simulated scale at one end of a serial line; the test has the other. */
async function serialScale(context: TestContext, name: string, weight: number) {
  needPrograms(context, "/usr/bin/socat");
  const folder = temporaryFolder();
  const plug = async () => {
    const pair = await serialPair(folder);
    const simulator = await startScaleSimulator({
      ...{ protocol: language(name), load: { weight }, listen: `serial:${pair.b}` },
    });
    return { pair, simulator };
  };
  let plugged = await plug();
  const path = join(folder.path, "a");
  const unplug = async () => {
    await plugged.pair[Symbol.asyncDispose]();
    await plugged.simulator.stop();
    for (const end of ["a", "b"]) rmSync(join(folder.path, end), { force: true });
  };
  onTestFinished(async () => {
    await unplug();
    folder[Symbol.dispose]();
  });
  return {
    path,
    port: `serial:${path}`,
    simulator: () => plugged.simulator,
    unplug,
    replug: async () => {
      plugged = await plug();
    },
  };
}

test("MT-SICS over a serial line: asked, tared, overloaded", async (context) => {
  const line = await serialScale(context, "mt-sics", 2.5);
  await using rig = await openScale({ protocol: "mt-sics", port: line.port }, every);
  expect(await rig.until("s/weight", isGood)).toMatchObject({ value: 2.5 });
  await rig.session.write?.("s/tare", true);
  await rig.until("s/weight", (sample) => readOf(sample) === 0);
  line.simulator().scale.set({ status: "overload" });
  await rig.until("s/weight", (sample) => sample.quality === "bad" && sample.reason === "overload");
});

test("Toledo continuous with its checksum over a serial line of 8 bits", async (context) => {
  const line = await serialScale(context, "toledo", 38.62);
  const channel = { protocol: "toledo", checksum: "on", dataBits: 8, parity: "none" };
  await using rig = await openScale({ ...channel, port: line.port }, every);
  expect(await rig.until("s/weight", isGood)).toMatchObject({ value: 38.62 });
  expect(readOf(await rig.until("s/net", isGood))).toBe(false);
  line.simulator().setFaults({ corruptEvery: 1 });
  const seen = await rig.until("s/weight", ({ quality }) => quality === "bad");
  expect(seen).toMatchObject({ reason: expect.stringMatching(/^(checksum|bad-frame)$/) });
});

/** A minute of silence in three seconds. */
const hurried: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

test("a scale that is asked heals when its adapter was pulled out and plugged in again", (context) =>
  healsAfterReplug(context, "mt-sics"));

test("a scale that is only listened to heals likewise", (context) =>
  healsAfterReplug(context, "toledo"));

async function healsAfterReplug(context: TestContext, name: string): Promise<void> {
  const line = await serialScale(context, name, 7);
  await using shelf = supervised(line.port, name, systemClock);
  await expect.poll(shelf.good, { timeout: 60_000 }).toBeGreaterThan(0);
  await line.unplug();
  await expect.poll(shelf.reason, { timeout: 20_000 }).toMatch(/^driver\//);
  await line.replug();
  shelf.forget();
  await expect.poll(shelf.good, { timeout: 40_000 }).toBeGreaterThan(2);
}

test("a listener whose port went dead without a sign opens it anew after a minute, for ever", async (context) => {
  const line = await serialScale(context, "toledo", 7);
  await using shelf = supervised(line.port, "toledo", hurried);
  await expect.poll(shelf.good, { timeout: 60_000 }).toBeGreaterThan(0);
  line.simulator().setFaults({ silent: true });
  await expect.poll(shelf.reason, { timeout: 20_000 }).toBe("timeout");
  await expect.poll(shelf.reason, { timeout: 20_000 }).toBe("driver/connection-lost");
  await expect.poll(shelf.opened, { timeout: 20_000 }).toBeGreaterThan(1);
  line.simulator().setFaults({});
  shelf.forget();
  await expect.poll(shelf.good, { timeout: 40_000 }).toBeGreaterThan(2);
});

/** The channel as the gateway runs it. */
function supervised(port: string, protocol: string, clock: Clock) {
  const { log } = memoryLog();
  const channel = channelSchema.parse({
    ...{ driver: "scale", protocol, port, dataBits: 8, parity: "none" },
    devices: { s: { every: "200ms" } },
  });
  const weights: Sample[] = [];
  let opened = 0;
  const supervisor = new Supervisor(
    { id: "shelf", settings: channel, driver: scale, points: scale.describe(channel) },
    {
      context: { clock, log },
      health: new HealthBook(["channel-shelf"], clock, log),
      deliver: (samples) => weights.push(...samples.filter(({ point }) => point === "s/weight")),
      opened: () => {
        opened += 1;
      },
    },
  );
  const stop = new AbortController();
  const running = supervisor.run(stop.signal);
  return {
    opened: () => opened,
    good: () => weights.filter((sample) => isGood(sample) && readOf(sample) === 7).length,
    reason: () => {
      const last = weights.at(-1);
      return last?.quality === "bad" ? last.reason : undefined;
    },
    forget: () => {
      weights.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

test("a port that is a file is refused, and its content is not touched", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const file = join(folder.path, "scale.txt");
  writeFileSync(file, "S S       1.00 kg\r\n");
  await expect(openScale({ protocol: "mt-sics", port: `serial:${file}` })).rejects.toMatchObject({
    code: "driver/connect-failed",
    message: expect.stringContaining("no serial port"),
  });
});
