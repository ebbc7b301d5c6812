import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Session } from "../../drivers/contract.ts";
import { programFolders } from "../../drivers/gpio/backend.ts";
import { gpioDriver } from "../../drivers/gpio/driver.ts";
import { driveFailSafe, failSafePlan } from "../../drivers/gpio/fail-safe.ts";
import { ask, parseChips, parseToolVersion, toolFailure } from "../../drivers/gpio/gpiod-tools.ts";
import { gpioSchema } from "../../drivers/gpio/schema.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { GpiodStandIn } from "../support/gpiod/stand-in.ts";
import { ChannelProcess } from "../support/gpiofs/channel-process.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { needPrograms } from "../support/need-program.ts";

const points = {
  red: { line: 17 },
  amber: { line: 7 },
  buzzer: { line: 22, activeLow: true },
};
const channel = { driver: "gpio", backend: "gpiod", devices: { stack: { points } } };
const nowhere = "/nowhere/gpio";
const signal = new AbortController().signal;

beforeEach((context) => needPrograms(context, "gcc"));

function standIn(generation: 1 | 2): GpiodStandIn {
  const tools = new GpiodStandIn(generation);
  onTestFinished(() => tools.remove());
  return tools;
}

async function open(tools: GpiodStandIn, changes: object = {}) {
  const driver = gpioDriver({
    programs: `${tools.programs}:${programFolders}`,
    sysfsFolder: nowhere,
  });
  const { log, entries } = memoryLog();
  const settings = gpioSchema.parse({ ...channel, ...changes });
  const session = await driver.open(settings, { clock: systemClock, log }, signal);
  onTestFinished(() => session[Symbol.asyncDispose]());
  return { session, entries, write: writer(session) };
}

function writer(session: Session) {
  return async (point: "red" | "amber" | "buzzer", on: boolean) => {
    await session.write?.(`stack/${point}`, on);
  };
}

describe.each([1, 2] as const)("libgpiod %i", (generation) => {
  test("lines start off, follow what is written, end in their fail-safe state, and no process stays", async () => {
    const tools = standIn(generation);
    const { session, write, entries } = await open(tools);
    expect(["17", "7", "22"].map((line) => tools.levelsOf(Number(line)))).toEqual(["0", "0", "1"]);
    expect(tools.holders).toHaveLength(generation === 1 ? 3 : 1);
    expect(entries).toMatchObject([
      {
        fields: {
          backend: expect.stringMatching(/gpiod .* on \/dev\/gpiochip0 \(pinctrl-bcm2711\)/),
        },
      },
    ]);
    await write("red", true);
    await write("buzzer", true);
    await write("red", false);
    await write("red", true);
    await session[Symbol.asyncDispose]();
    expect(tools.levelsOf(17)).toBe("01010");
    expect(tools.levelsOf(22)).toBe("101");
    // Written once at the start and once as fail-safe state: no other line's change has touched it.
    expect(tools.levelsOf(7)).toBe("00");
    expect(tools.holders).toEqual([]);
  });

  test("a lamp that flashes at 2 Hz beside another one keeps its rhythm", async () => {
    const tools = standIn(generation);
    const { write } = await open(tools);
    const begun = performance.now();
    for (let half = 0; half < 8; half += 1) {
      await sleep(Math.max(0, begun + half * 250 - performance.now()));
      await Promise.all([write("red", half % 2 === 0), write("amber", half % 2 === 1)]);
    }
    expect(tools.levelsOf(17)).toBe("010101010");
    const edges = tools.changes.filter((it) => it.line === 17 && it.level !== "free").slice(1);
    const gaps = edges.slice(1).map((edge, at) => (edge.at - (edges[at]?.at ?? 0)) * 1000);
    // IEC 60073 wants flashing that is told from steady light: half periods within 180 to 320 ms are 1.6 to 2.8 Hz.
    // A machine that stands still for a moment makes one long and one short; the rhythm is what most of them are.
    const [, , third = 0] = gaps.toSorted((a, b) => a - b);
    const [, , thirdLast = 0] = gaps.toSorted((a, b) => b - a);
    expect(third).toBeGreaterThan(180);
    expect(thirdLast).toBeLessThan(320);
  });

  test("when the gateway is killed with SIGKILL no tool is left holding or spinning", async () => {
    const tools = standIn(generation);
    const gateway = new ChannelProcess();
    onTestFinished(() => gateway.kill());
    await gateway.open(channel, `${tools.programs}:${programFolders}`);
    await gateway.write("stack/red", true);
    expect(tools.holders.length).toBeGreaterThan(0);
    await gateway.kill();
    await vi.waitFor(() => expect(tools.holders).toEqual([]), { timeout: 60_000 });
    // The next start gets the lines at once and puts the lamp out.
    const { write } = await open(tools);
    expect(tools.levelsOf(17)).toBe("010");
    await write("red", true);
    expect(tools.levelsOf(17)).toBe("0101");
  });

  test("contacts tell their level and every change, each with its bias, and let go of the lines at the end", async () => {
    const tools = standIn(generation);
    tools.setInput(6, 1);
    const contact = { access: "read", debounce: "20ms" };
    const { session, write } = await open(tools, {
      devices: {
        doors: {
          points: {
            front: { ...contact, line: 5, bias: "pull-up", activeLow: true },
            mains: { ...contact, line: 6 },
          },
        },
        stack: { points: { red: { line: 17 } } },
      },
    });
    const samples = session.samples()[Symbol.asyncIterator]();
    const next = async () => (await samples.next()).value;
    expect(await next()).toMatchObject([
      { point: "doors/front", quality: "good", value: true },
      { point: "doors/mains", quality: "good", value: true },
    ]);
    await vi.waitFor(() => expect(tools.inputs).toHaveLength(4), { timeout: 60_000 });
    expect(tools.inputs.toSorted()).toEqual(
      ["gpioget", "gpiomon"].flatMap((tool) => [`${tool} as-is`, `${tool} pull-up`]),
    );
    // Long after the first look anew, so that changes come through edges alone.
    await vi.waitFor(() => expect(tools.inputs.length).toBeGreaterThanOrEqual(8), {
      timeout: 60_000,
    });
    for (const level of [1, 0, 1] as const) {
      tools.setInput(5, level);
      expect(await next()).toMatchObject([{ point: "doors/front", value: level === 0 }]);
    }
    await write("red", true);
    expect(tools.levelsOf(17)).toBe("01");
    await session[Symbol.asyncDispose]();
    expect(tools.holders).toEqual([]);
  });

  test("a gpiomon that dies ends the channel; one whose gateway is killed goes with it", async () => {
    const tools = standIn(generation);
    const points = { front: { access: "read", line: 5 } };
    const gateway = new ChannelProcess();
    onTestFinished(() => gateway.kill());
    const doors = { driver: "gpio", backend: "gpiod", devices: { doors: { points } } };
    await gateway.open(doors, `${tools.programs}:${programFolders}`);
    await gateway.sample();
    const next = gateway.sample();
    await vi.waitFor(() => expect(tools.holders.length).toBeGreaterThan(0), { timeout: 60_000 });
    for (const pid of tools.holders) process.kill(Number(pid), "SIGKILL");
    await expect(next).rejects.toMatchObject({ code: "driver/connection-lost" });

    const second = new ChannelProcess();
    onTestFinished(() => second.kill());
    await second.open(doors, `${tools.programs}:${programFolders}`);
    await vi.waitFor(() => expect(tools.holders.length).toBeGreaterThan(0), { timeout: 60_000 });
    await second.kill();
    await vi.waitFor(() => expect(tools.holders).toEqual([]), { timeout: 60_000 });
  });

  test("a line that another program holds is port-busy, and no line stays behind half requested", async () => {
    const tools = standIn(generation);
    const lock = join(tools.folder, "line-22");
    const other = spawn("flock", ["-x", lock, "sleep", "30"]);
    onTestFinished(() => void other.kill());
    await vi.waitFor(() => expect(spawnSync("flock", ["-n", lock, "true"]).status).toBe(1));
    await expect(open(tools)).rejects.toMatchObject({
      code: "driver/port-busy",
      message: expect.stringContaining("Device or resource busy"),
      todo: expect.stringContaining("gpioinfo"),
    });
    expect(tools.holders).toEqual([]);
  });

  test("a chip that may not be opened is permission-denied and names the group", async () => {
    const tools = standIn(generation);
    tools.put("denied", "");
    const denied = {
      code: "driver/permission-denied",
      todo: expect.stringContaining("usermod -aG gpio"),
    };
    await expect(open(tools)).rejects.toMatchObject(denied);
    await expect(open(tools, { backend: "auto" })).rejects.toMatchObject(denied);
  });

  test("a line that the chip does not have is refused", async () => {
    const tools = standIn(generation);
    tools.put("chips", "gpiochip0 [pinctrl-bcm2711] (20 lines)\n");
    await expect(open(tools)).rejects.toMatchObject({ code: "driver/refused" });
    expect(tools.holders).toEqual([]);
  });

  test("a chip is found by its label or path, and a wrong one is listed with what there is", async () => {
    const tools = standIn(generation);
    const small = { stack: { points: { red: { line: 3 } } } };
    const devices = gpioSchema.parse({ ...channel, devices: small }).devices;
    for (const chip of ["raspberrypi-exp-gpio", "/dev/gpiochip1"]) {
      const { session, entries } = await open(tools, { chip, devices });
      const backend = expect.stringContaining("/dev/gpiochip1 (raspberrypi-exp-gpio)");
      expect(entries).toMatchObject([{ fields: { backend } }]);
      await session[Symbol.asyncDispose]();
    }
    await expect(open(tools, { chip: "pinctrl-rp1" })).rejects.toMatchObject({
      code: "driver/unavailable",
      message: expect.stringMatching(/no chip pinctrl-rp1 .*gpiochip0 \[pinctrl-bcm2711\]/),
    });
  });

  test("the stop step drives the lines of a killed gateway, waiting for its tools to let go", async () => {
    const tools = standIn(generation);
    const programs = `${tools.programs}:${programFolders}`;
    const gateway = new ChannelProcess();
    onTestFinished(() => gateway.kill());
    await gateway.open(channel, programs);
    await gateway.write("stack/red", true);
    const plan = failSafePlan("lights", gpioSchema.parse(channel));
    const driven = driveFailSafe(plan, { clock: systemClock, programs, sysfsFolder: nowhere });
    await gateway.kill();
    expect((await driven).filter(({ error }) => error !== undefined)).toEqual([]);
    expect(tools.levelsOf(17)).toBe("010");
    expect(tools.levelsOf(22)).toBe("11");
    expect(tools.holders).toEqual([]);
  });

  test("a line that stays busy is given up after a second, the others have their level", async () => {
    const tools = standIn(generation);
    const programs = `${tools.programs}:${programFolders}`;
    const lock = join(tools.folder, "line-7");
    const other = spawn("flock", ["-x", lock, "sleep", "30"]);
    onTestFinished(() => void other.kill());
    await vi.waitFor(() => expect(spawnSync("flock", ["-n", lock, "true"]).status).toBe(1));
    const plan = failSafePlan("lights", gpioSchema.parse(channel));
    const driven = await driveFailSafe(plan, {
      clock: systemClock,
      programs,
      sysfsFolder: nowhere,
    });
    expect(driven.map(({ line, error }) => [line, error?.code])).toEqual([
      [17, undefined],
      [7, "driver/port-busy"],
      [22, undefined],
    ]);
    expect(tools.levelsOf(22)).toBe("1");
  });

  test("a holder that somebody kills ends the samples, so that the supervisor opens the channel again", async () => {
    const tools = standIn(generation);
    const { session } = await open(tools);
    const samples = session.samples()[Symbol.asyncIterator]();
    const waiting = samples.next();
    process.kill(Number(tools.holders[0]), "SIGKILL");
    await expect(waiting).rejects.toMatchObject({ code: "driver/connection-lost" });
  });
});

test("generation 2 without its interactive mode is not used, and the reason says so", async () => {
  const tools = standIn(2);
  tools.put("plain", "");
  await expect(open(tools)).rejects.toMatchObject({
    code: "driver/unavailable",
    message: expect.stringContaining("built without --interactive"),
  });
});

test("generation 2: a value that the kernel refuses is an error although the tool answers as if it were set", async () => {
  const tools = standIn(2);
  const { write } = await open(tools);
  tools.put("failing", "");
  await expect(write("red", true)).rejects.toMatchObject({ code: "driver/refused" });
  tools.drop("failing");
  await write("red", true);
  expect(tools.levelsOf(17)).toBe("01");
});

test("with no tool and no sysfs the error lists what was looked for and what to install", async () => {
  const driver = gpioDriver({ programs: nowhere, sysfsFolder: nowhere });
  const context = { clock: systemClock, log: memoryLog().log };
  const settings = gpioSchema.parse({ ...channel, backend: "auto" });
  await expect(driver.open(settings, context, signal)).rejects.toMatchObject({
    code: "driver/unavailable",
    message:
      "no way to drive GPIO lines here: gpiod: gpioset is not installed; sysfs: this kernel has no /nowhere/gpio",
    todo: expect.stringContaining("apt install gpiod"),
  });
});

test("the installed libgpiod speaks as the stand-in does: version, options, texts", async (context) => {
  needPrograms(context, "gpioset", "gpiodetect");
  const host = { clock: systemClock, programs: programFolders, sysfsFolder: nowhere };
  const version = parseToolVersion((await ask(host, "gpioset", ["--version"])).stdout);
  expect(version?.major).toBe(1);
  const help = await ask(host, "gpioset", ["--help"]);
  expect(help.stdout).toMatch(/--mode=\[exit\|wait\|time\|signal\]/);
  const missing = await ask(host, "gpioset", ["--mode=wait", "/dev/gpiochip99", "1=1"]);
  expect(missing.stderr).toBe(
    "gpioset: error setting the GPIO line values: No such file or directory",
  );
  expect(toolFailure(missing.stderr, "line 1").code).toBe("driver/port-missing");
  const unknown = await ask(host, "gpioset", ["--interactive"]);
  expect(unknown.code).not.toBe(0);
});

test("gpiodetect's rows are read in both generations, and a label may contain anything", () => {
  const output = "gpiochip0 [pinctrl-rp1] (54 lines)\ngpiochip10 [a [b] c] (8 lines)\nwarning\n";
  expect(parseChips(output)).toEqual([
    { name: "gpiochip0", label: "pinctrl-rp1", lines: 54 },
    { name: "gpiochip10", label: "a [b] c", lines: 8 },
  ]);
});
