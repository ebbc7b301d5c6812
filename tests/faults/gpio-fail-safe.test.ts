import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { gpioSchema } from "../../drivers/gpio/schema.ts";
import { outputsFile, writeOutputs } from "../../gateway/runtime/outputs-file.ts";
import { ChannelProcess } from "../support/gpiofs/channel-process.ts";
import { GpioFs, type GpioFsSettings } from "../support/gpiofs/gpiofs.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { needPrograms } from "../support/need-program.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const points = {
  red: { line: 17 },
  buzzer: { line: 22, activeLow: true },
  fault: { line: 27, failSafe: "on" },
  heartbeat: { line: 5, failSafe: "keep" },
};
const channel = { driver: "gpio", backend: "sysfs", devices: { stack: { points } } };

beforeEach((context) => needPrograms(context, "gcc", "pkg-config", "fusermount3", "unshare"));

/** A gateway with all outputs on that was killed with SIGKILL. */
async function killedGateway(settings: GpioFsSettings = {}) {
  const sysfs = await GpioFs.mount(settings);
  onTestFinished(() => sysfs.unmount());
  const data = mkdtempSync(join(tmpdir(), "rackwatch-data-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  writeOutputs(outputsFile({}, data), { lights: gpioSchema.parse(channel) }, memoryLog().log);
  const gateway = new ChannelProcess(sysfs.prefix);
  onTestFinished(() => gateway.kill());
  await gateway.open(channel);
  for (const name of Object.keys(points)) await gateway.write(`stack/${name}`, true);
  await gateway.kill();
  return { sysfs, data };
}

function runStep(sysfs: GpioFs, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [program = "", ...prefix] = sysfs.prefix;
  const begun = performance.now();
  const command = [...prefix, process.execPath, rackwatch, "fail-safe", ...args];
  const { status, stdout } = spawnSync(program, command, { encoding: "utf8", env });
  return { status, stdout, tookMs: performance.now() - begun };
}

const levels = (sysfs: GpioFs) =>
  [17, 22, 27, 5].map((line) => sysfs.read(`gpio${512 + line}/value`)).join("");

test("after SIGKILL the outputs stay on; the stop step puts them into their fail-safe state within 2 s", async () => {
  const { sysfs, data } = await killedGateway();
  expect(levels(sysfs)).toBe("1011");
  const { status, stdout, tookMs } = runStep(sysfs, ["--data", data]);
  expect(status).toBe(0);
  expect(stdout).toContain("lights line 17: level 0");
  expect(levels(sysfs)).toBe("0111");
  expect(tookMs).toBeLessThan(2_000);
});

test("the stop step finds the file in the runtime folder, which is writable when the disk is not", async () => {
  const { sysfs, data } = await killedGateway();
  const { status, stdout } = runStep(sysfs, ["--data", "/nowhere", "--json"], {
    RUNTIME_DIRECTORY: data,
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toContainEqual({ channel: "lights", line: 27, level: 1 });
  expect(levels(sysfs)).toBe("0111");
});

test("a line that refuses keeps no other from its fail-safe state, and the step says so", async () => {
  const { sysfs, data } = await killedGateway();
  sysfs.write("unexport", "529");
  const broken = JSON.parse(JSON.stringify(channel));
  broken.devices.stack.points.red.line = 60;
  writeOutputs(outputsFile({}, data), { lights: gpioSchema.parse(broken) }, memoryLog().log);
  const { status, stdout } = runStep(sysfs, ["--data", data]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/lights line 60: .*does not exist.*\(use the BCM number/);
  expect(sysfs.read("gpio534/value")).toBe("1");
});

test("without the file nothing was driven and nothing is; a broken file is an error that names it", async () => {
  const { sysfs, data } = await killedGateway();
  const file = join(data, "outputs.json");
  writeFileSync(file, "{");
  expect(runStep(sysfs, ["--data", data]).status).toBe(2);
  rmSync(file);
  const { status, stdout } = runStep(sysfs, ["--data", data]);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `no output was driven: there is no ${file}\n`,
  });
  expect(levels(sysfs)).toBe("1011");
});
