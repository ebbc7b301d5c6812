import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { channelYaml } from "../../config/example-channel.ts";
import { loadText } from "../../config/load.ts";
import { simulators } from "../../drivers/simulators.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { probeCommand } from "../../gateway/cli/probe.ts";
import { simCommand } from "../../gateway/cli/sim.ts";
import { memoryIo } from "../support/command-io.ts";
import { startAedes } from "../support/mqtt-broker.ts";

const eventSchema = z.looseObject({ event: z.string() });
const listeningSchema = z.looseObject({
  address: z.string(),
  channel: z.record(z.string(), z.unknown()),
});

/** Runs `sim ... --json` until the test ends. */
async function sim(...args: readonly string[]) {
  const { io, seen } = memoryIo();
  const stop = new AbortController();
  const stdin = new PassThrough();
  const done = runCommand(
    simCommand({ ...io, signal: stop.signal, stdin }),
    [...args, "--json"],
    io,
  );
  const events = () => jsonLines(seen.out).map((line) => eventSchema.parse(line));
  onTestFinished(async () => {
    stop.abort();
    await done;
  });
  await Promise.race([
    done,
    expect.poll(() => events().length, { timeout: 60_000 }).toBeGreaterThan(0),
  ]);
  const first = listeningSchema.safeParse(events()[0]);
  return {
    seen,
    done,
    stop,
    events,
    address: first.data?.address ?? "",
    channel: first.data?.channel ?? {},
    type: (line: string) => stdin.write(`${line}\n`),
  };
}

async function probe(...args: readonly string[]) {
  const { io, seen } = memoryIo();
  const { signal } = new AbortController();
  await runCommand(probeCommand({ ...io, signal }), [...args, "--json"], io);
  const summary = jsonLines(seen.out).find((line) => eventSchema.parse(line).event === "summary");
  return { ...seen, summary };
}

function jsonLines(text: string): readonly unknown[] {
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

const plain = simulators.filter(({ driver }) => driver !== "opcua" && driver !== "mqtt");

test.each(plain.map(({ name }) => [name]))(
  "%s: the channel that it prints passes the check, and the driver reads good values with it",
  async (name) => {
    const { address, channel } = await sim(name);
    const yaml = `version: 1\ngateway: { id: a, name: a }\n${channelYaml("sim", channel)}`;
    expect(loadText(yaml, "sim.yaml")).toMatchObject({ ok: true });
    const settings: readonly string[] = name.startsWith("modbus")
      ? ["--protocol", name, "--register", "input:1:int16"]
      : ["--protocol", name, ...(channel["region"] === undefined ? [] : ["--set", "region=EU"])];
    const { code, summary, err } = await probe(address, ...settings, "--once", "--for", "15s");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(summary).toMatchObject({ bytesIn: expect.any(Number) });
  },
  30_000,
);

test.each(["mqtt", "sparkplug"])(
  "%s publishes to a broker what the driver takes as live",
  async (name) => {
    await using broker = await startAedes();
    const { channel, events, type } = await sim(name, "--broker", broker.address);
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-sim-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "gateway.yaml");
    writeFileSync(file, `version: 1\ngateway: { id: a, name: a }\n${channelYaml("sim", channel)}`);
    type("temperature 7.5");
    type("fault babble");
    await expect.poll(() => events().length).toBe(3);
    expect(events().at(-1)).toMatchObject({ event: "error", code: "config/invalid" });
    const { code, summary } = await probe("climate", "--config", file, "--for", "4s");
    expect(code).toBe(0);
    expect(summary).toMatchObject({
      points: expect.arrayContaining([
        expect.objectContaining({ point: "climate/temperature", last: 7.5 }),
      ]),
    });
  },
  20_000,
);

test("what is typed changes the device while it runs, what makes no sense is told", async () => {
  const device = await sim("mt-sics", "--weight", "1.5", "--unit", "g");
  device.type("weight 3.2 kg");
  device.type("wieght 3");
  await expect.poll(() => device.events().length).toBe(3);
  expect(device.events().slice(1)).toMatchObject([
    { event: "set", name: "weight" },
    { event: "error", code: "config/invalid", message: expect.stringContaining("wieght") },
  ]);
  const { summary } = await probe(`${device.address}`, "--protocol", "mt-sics", "--once");
  expect(summary).toMatchObject({
    points: expect.arrayContaining([
      expect.objectContaining({ point: "device/weight", last: 3.2 }),
    ]),
  });
  device.type("quit");
  await device.done;
  expect(device.events().at(-1)).toEqual({ event: "stopped" });
  expect(device.seen.code).toBe(0);
});

test("a fault by flag begins and ends by itself", async () => {
  const device = await sim("mt-sics", "--fault", "silent", "--after", "50ms", "--for", "50ms");
  await expect.poll(() => device.events().length).toBe(3);
  expect(device.events().slice(1)).toEqual([
    { event: "fault", fault: "silent" },
    { event: "fault", fault: "none" },
  ]);
});

test.each([
  ["silent", "timeout"],
  ["corrupt", /./],
])("a device with the fault %s is bad for the driver, by its reason", async (fault, reason) => {
  const { address } = await sim("modbus-rtu", "--fault", fault);
  const { code, summary } = await probe(
    ...[address, "--protocol", "modbus-rtu", "--register", "input:1", "--for", "10s"],
    ...["--once", "--set", "timeout=300ms"],
  );
  const { points } = z
    .looseObject({ points: z.array(z.looseObject({ reasons: z.record(z.string(), z.number()) })) })
    .parse(summary);
  expect(code).toBe(1);
  expect(Object.keys(points[0]?.reasons ?? {}).join()).toMatch(reason);
});

test("wrong words and values are refused before anything is opened", async () => {
  for (const [args, message] of [
    [["rl300"], "Did you mean r200?"],
    [["mt-sics", "--fault", "loud"], "is no fault"],
    [["mt-sics", "--weight", "heavy"], "Write a number"],
    [["mt-sics", "--set", "colour=red"], "no setting colour"],
    [["r200", "--tags", "-1"], "whole number"],
    [["mqtt"], "needs a broker"],
    [["mt-sics", "--after", "soon"], "no duration"],
  ] as const) {
    const { io, seen } = memoryIo();
    await runCommand(simCommand(io), args, io);
    expect(seen).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  }
});

test("as a program it ends on a signal, with exit code 0", async () => {
  const program = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
  const child = spawn(process.execPath, [program, "sim", "toledo", "--json"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "exit");
  await once(createInterface({ input: child.stdout }), "line");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});
