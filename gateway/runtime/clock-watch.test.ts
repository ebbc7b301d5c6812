import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { scratchFolder } from "../../tests/support/spine.ts";
import { timedatectlAnswer, trackingAnswer } from "./clock-answers.ts";
import { askEveryMs, ClockWatch, clockCeiling, clockQualityNow } from "./clock-watch.ts";
import { clockFloor } from "./machine.ts";

const now = Date.UTC(2027, 1, 1);
const tracking = (leap: string, offset = "0.000012", dispersion = "0.001") =>
  `C0A80101,192.168.1.1,3,1795300000.1,${offset},0.00001,0.00002,-1.1,0.0,0.02,0.004,${dispersion},64.2,${leap}\n`;

/** A machine that gives these answers by program; what is absent is missing. */
function watched(answers: Record<string, string>, clock = new ManualClock(now)) {
  const asked: string[] = [];
  const run = async (program: string) => {
    asked.push(program);
    return answers[program];
  };
  const watch = new ClockWatch({ clock, env: {}, run });
  const quality = async () => {
    watch.quality();
    await clock.advance(0);
    return watch.quality();
  };
  return { watch, clock, asked, quality };
}

test("the kernel's word counts first, then chrony's", async () => {
  const yes = "NTPSynchronized=yes\n";
  const no = "NTPSynchronized=no\n";
  const found: [Record<string, string>, string][] = [
    [{ timedatectl: yes }, "synchronized"],
    [{ timedatectl: yes, chronyc: tracking("Not synchronised") }, "synchronized"],
    [{ timedatectl: no }, "unsynchronized"],
    [{ timedatectl: no, chronyc: tracking("Normal") }, "synchronized"],
    [{ timedatectl: no, chronyc: tracking("Not synchronised") }, "unsynchronized"],
    [{ chronyc: tracking("Normal") }, "synchronized"],
    [{ chronyc: tracking("Normal", "0.2", "3.5") }, "unsynchronized"],
    [
      { timedatectl: "Failed to connect to bus", chronyc: "506 Cannot talk to daemon" },
      "unsynchronized",
    ],
    [{}, "unsynchronized"],
  ];
  for (const [answers, expected] of found) {
    expect(await watched(answers).quality(), JSON.stringify(answers)).toBe(expected);
  }
});

test("answers that are none are not taken for one", () => {
  expect(timedatectlAnswer("")).toBeUndefined();
  expect(timedatectlAnswer("NTPSynchronized=maybe")).toBeUndefined();
  expect(trackingAnswer("")).toBeUndefined();
  expect(trackingAnswer("1,2,3")).toBeUndefined();
  expect(trackingAnswer(tracking("Normal", "x"))).toBeUndefined();
  const slow = trackingAnswer(tracking("Normal", "-0.010", "0.005"));
  expect(slow?.isSynchronized).toBe(true);
  expect(slow?.errorMs).toBeCloseTo(17, 6);
});

test("a clock below the floor or beyond the year 2100 is not believed, whoever says so", async () => {
  for (const wall of [0, clockFloor - 1, clockCeiling, clockCeiling + 1e12]) {
    const it = watched({ timedatectl: "NTPSynchronized=yes" }, new ManualClock(wall));
    expect(await it.quality()).toBe("unset");
  }
});

test("the machine is asked once a minute, and at once after the clock was set, which is not believed until then", async () => {
  const answers: Record<string, string> = { timedatectl: "NTPSynchronized=yes" };
  const { clock, asked, quality, watch } = watched(answers);
  for (let second = 0; second < 59; second += 1) {
    expect(await quality()).toBe("synchronized");
    await clock.advance(1_000);
  }
  expect(asked).toHaveLength(1);
  await clock.advance(askEveryMs);
  await quality();
  expect(asked).toHaveLength(2);
  await clock.advance(10_000);
  answers["timedatectl"] = "NTPSynchronized=no";
  clock.setWall(clock.now() - 3_600_000);
  expect(watch.quality()).toBe("unsynchronized");
  await clock.advance(0);
  expect(asked.length).toBeGreaterThan(2);
  expect(watch.quality()).toBe("unsynchronized");
  answers["timedatectl"] = "NTPSynchronized=yes";
  clock.setWall(clock.now() + 3_600_000);
  await clock.advance(6_000);
  expect(await quality()).toBe("synchronized");
});

test("a machine that has no program of these, or one that hangs or talks without end, is not waited for", async () => {
  using folder = scratchFolder();
  const clock = new ManualClock(now);
  const program = (name: string, text: string) => {
    const file = join(folder.path, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  };
  const env = { PATH: `${folder.path}:/usr/bin:/bin` };
  program("timedatectl", "yes NTPSynchronized=yes");
  program("chronyc", `printf '%s' '${tracking("Normal").trim()}'`);
  const watch = new ClockWatch({ clock, env });
  expect(watch.quality()).toBe("unsynchronized");
  await expect.poll(() => watch.quality(), { timeout: 60_000 }).toBe("synchronized");
  const bare = new ClockWatch({ clock, env: { PATH: join(folder.path, "nothing") } });
  expect(bare.quality()).toBe("unsynchronized");
});

test("who looks once, as the doctor does, waits for the same answer", async () => {
  const quality = (answers: Readonly<Record<string, string>>, at = now) =>
    clockQualityNow(at, {}, async (program) => answers[program]);
  expect(await quality({ timedatectl: "NTPSynchronized=yes\n" })).toBe("synchronized");
  expect(await quality({ timedatectl: "NTPSynchronized=no\n" })).toBe("unsynchronized");
  expect(await quality({ timedatectl: "NTPSynchronized=no\n", chronyc: tracking("Normal") })).toBe(
    "synchronized",
  );
  expect(await quality({ timedatectl: "NTPSynchronized=yes\n" }, clockFloor - 1)).toBe("unset");
});

test("a mark file takes the place of all programs", () => {
  using folder = scratchFolder();
  const mark = join(folder.path, "right");
  const watch = new ClockWatch({
    clock: new ManualClock(now),
    env: { RACKWATCH_CLOCK_MARK: mark },
  });
  expect(watch.quality()).toBe("unsynchronized");
  writeFileSync(mark, "");
  expect(watch.quality()).toBe("synchronized");
  rmSync(mark);
  expect(watch.quality()).toBe("unsynchronized");
});
