import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { ChannelProcess } from "../support/gpiofs/channel-process.ts";
import { GpioFs, type GpioFsSettings } from "../support/gpiofs/gpiofs.ts";
import { needPrograms } from "../support/need-program.ts";

const channel = {
  driver: "gpio",
  backend: "sysfs",
  devices: {
    stack: {
      points: {
        red: { line: 17 },
        buzzer: { line: 22, activeLow: true },
        fault: { line: 27, failSafe: "on" },
      },
    },
  },
};

beforeEach((context) => needPrograms(context, "gcc", "pkg-config", "fusermount3", "unshare"));

async function mounted(settings: GpioFsSettings = {}) {
  const sysfs = await GpioFs.mount(settings);
  onTestFinished(() => sysfs.unmount());
  return { sysfs, start: () => startIn(sysfs) };
}

function startIn(sysfs: GpioFs): ChannelProcess {
  const gateway = new ChannelProcess(sysfs.prefix);
  onTestFinished(() => gateway.kill());
  return gateway;
}

test("through real onoff: base 512 is added, lines start off, follow writes and end in their fail-safe state", async () => {
  const { sysfs, start } = await mounted();
  const gateway = start();
  expect(await gateway.open(channel)).toBe("sysfs on pinctrl-bcm2835 (lines from 512)");
  expect(["gpio529", "gpio534"].map((name) => sysfs.read(`${name}/value`))).toEqual(["0", "1"]);
  await gateway.write("stack/red", true);
  await gateway.write("stack/buzzer", true);
  await gateway.write("stack/buzzer", false);
  await gateway.close();
  expect(sysfs.levelsOf(17)).toBe("010");
  expect(sysfs.levelsOf(22)).toBe("1011");
  expect(sysfs.levelsOf(27)).toBe("01");
  expect(sysfs.read("gpio539/direction")).toBe("out");
});

test.each([
  [0, "pinctrl-bcm2711"],
  [571, "pinctrl-rp1"],
])("base %i of %s is looked up", async (base, label) => {
  const { sysfs, start } = await mounted({ base, label });
  const gateway = start();
  expect(await gateway.open({ ...channel, backend: "auto" })).toBe(
    `sysfs on ${label} (lines from ${base})`,
  );
  await gateway.write("stack/red", true);
  expect(sysfs.read(`gpio${base + 17}/value`)).toBe("1");
});

test("an unknown chip is refused with the chips that there are; its base or label in the file makes it work", async () => {
  const { start } = await mounted({ base: 100, label: "sunxi" });
  await expect(start().open(channel)).rejects.toMatchObject({
    code: "driver/unavailable",
    message: expect.stringMatching(/no chip pinctrl-rp1, .*\(there is sunxi at 100\)/),
  });
  await expect(start().open({ ...channel, base: 99 })).rejects.toMatchObject({
    message: expect.stringContaining("no chip begins at line 99 (there is sunxi at 100)"),
  });
  expect(await start().open({ ...channel, base: 100 })).toContain("lines from 100");
  expect(await start().open({ ...channel, chip: "sunxi" })).toContain("lines from 100");
});

test("after SIGKILL the line keeps its level, and the next start takes it over without exporting it anew", async () => {
  const { sysfs, start } = await mounted();
  const killed = start();
  await killed.open(channel);
  await killed.write("stack/red", true);
  await killed.kill();
  expect(sysfs.read("gpio529/value")).toBe("1");
  const next = start();
  await next.open(channel);
  expect(sysfs.read("gpio529/value")).toBe("0");
  await next.write("stack/red", true);
  expect(sysfs.levelsOf(17)).toBe("0101");
});

test("a line that a boot script left inverted or as an input is put right, and is not switched on by that", async () => {
  const { sysfs, start } = await mounted();
  sysfs.write("export", "534");
  sysfs.write("gpio534/direction", "high");
  sysfs.write("gpio534/active_low", "1");
  const gateway = start();
  await gateway.open(channel);
  expect(sysfs.read("gpio534/active_low")).toBe("0");
  await gateway.write("stack/buzzer", true);
  // The buzzer is active low: it stayed at 1 from the boot script on, and 0 is the first level that sounds.
  expect(sysfs.levelsOf(22)).toBe("110");
});

test("trap of onoff: an error while a line is set up that was exported before is swallowed; the driver sees it", async () => {
  const { start } = await mounted({ stuck: 17 });
  await expect(start().open(channel)).rejects.toMatchObject({
    code: "driver/refused",
    message: expect.stringContaining(
      "line 17 of pinctrl-bcm2835 (gpio529) did not become an output",
    ),
  });
});

test("trap of onoff: a plain `out` pulls a line to 0 that was exported and high", async () => {
  const { sysfs } = await mounted();
  sysfs.write("export", "529");
  sysfs.write("gpio529/direction", "high");
  const [program = "", ...prefix] = sysfs.prefix;
  const onoff = join(import.meta.dirname, "../../node_modules/onoff");
  const script = `new (require("${onoff}").Gpio)(529, "out")`;
  expect(spawnSync(program, [...prefix, process.execPath, "-e", script]).status).toBe(0);
  expect(sysfs.levelsOf(17)).toBe("10");
});

test("udev that needs 300 ms to hand out a line is waited for without a busy loop", async () => {
  const { start } = await mounted({ grantMs: 300 });
  const gateway = start();
  expect(await gateway.open(channel)).toContain("pinctrl-bcm2835");
});

test("udev that never hands out a line is permission-denied", async () => {
  const { start } = await mounted({ grantMs: 60_000 });
  await expect(start().open(channel)).rejects.toMatchObject({
    code: "driver/permission-denied",
    todo: expect.stringContaining("gpio"),
  });
});

test("a line that a kernel driver holds is port-busy, one that the chip does not have is refused", async () => {
  const { start } = await mounted({ held: 22 });
  await expect(start().open(channel)).rejects.toMatchObject({ code: "driver/port-busy" });
  const beyond = { ...channel, devices: { stack: { points: { red: { line: 54 } } } } };
  await expect(start().open(beyond)).rejects.toMatchObject({
    code: "driver/refused",
    message: "line 54 of pinctrl-bcm2835 does not exist, it has 54",
  });
});

test("a line that somebody unexports while it is in use is an error of the write", async () => {
  const { sysfs, start } = await mounted();
  const gateway = start();
  await gateway.open(channel);
  sysfs.write("unexport", "529");
  await expect(gateway.write("stack/red", true)).rejects.toMatchObject({
    code: "driver/connection-lost",
  });
});

test("trap of onoff: only unexport() closes its descriptor; opening and closing 20 times leaves none open", async () => {
  const { sysfs, start } = await mounted();
  const gateway = start();
  for (let turn = 0; turn < 20; turn += 1) {
    await gateway.open(channel);
    expect(await gateway.descriptors()).toBe(3);
    await gateway.close();
  }
  expect(await gateway.descriptors()).toBe(0);
  expect(existsSync(sysfs.path("gpio529"))).toBe(true);
});

const contacts = {
  driver: "gpio",
  backend: "sysfs",
  devices: {
    doors: {
      points: {
        front: { access: "read", line: 5, debounce: "20ms" },
        mains: { access: "read", line: 6, activeLow: true, debounce: "20ms" },
      },
    },
    stack: { points: { red: { line: 17 } } },
  },
};

test("contacts tell their level at the start and every change, beside an output of the same channel", async () => {
  const { sysfs, start } = await mounted();
  sysfs.setInput(5, 1);
  const gateway = start();
  await gateway.open(contacts);
  expect(await gateway.sample()).toMatchObject([
    { point: "doors/front", quality: "good", value: true },
    { point: "doors/mains", quality: "good", value: true },
  ]);
  for (const level of [0, 1, 0] as const) {
    sysfs.setInput(5, level);
    expect(await gateway.sample()).toMatchObject([{ point: "doors/front", value: level === 1 }]);
  }
  sysfs.setInput(6, 1);
  expect(await gateway.sample()).toMatchObject([{ point: "doors/mains", value: false }]);
  await gateway.write("stack/red", true);
  expect(sysfs.levelsOf(17)).toBe("01");
  await gateway.close();
  expect(await gateway.descriptors()).toBe(0);
});

test("a contact that somebody unexports ends the channel in place of the process", async () => {
  const { sysfs, start } = await mounted();
  const gateway = start();
  await gateway.open(contacts);
  await gateway.sample();
  const next = gateway.sample();
  sysfs.write("unexport", "517");
  await expect(next).rejects.toMatchObject({ code: "driver/connection-lost" });
});

test("sysfs refuses a bias, which it cannot set, and says what to do", async () => {
  const { start } = await mounted();
  const points = { front: { access: "read", line: 5, bias: "pull-up" } };
  await expect(start().open({ ...contacts, devices: { doors: { points } } })).rejects.toMatchObject(
    { code: "driver/refused", todo: expect.stringContaining("apt install gpiod") },
  );
});
