import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { createNotifier } from "./notify.ts";

/** A program in place of systemd-notify that writes down its arguments and then does `more`. */
function recorder(more = "") {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-notify-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "notify");
  const said = join(folder, "said");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${said}\n${more}\n`);
  chmodSync(program, 0o755);
  const messages = () => (existsSync(said) ? readFileSync(said, "utf8").trimEnd().split("\n") : []);
  return { program, messages };
}

const underSystemd = { NOTIFY_SOCKET: "/run/systemd/notify", PATH: "/usr/bin:/bin" };

test("without a service manager nothing is started", async () => {
  const { program, messages } = recorder();
  for (const env of [{}, { NOTIFY_SOCKET: "" }]) {
    const notifier = createNotifier(env, memoryLog().log, program);
    notifier.ready();
    notifier.watchdog();
    notifier.status("well");
    notifier.stopping();
    await notifier.idle();
    expect(notifier.watchdogMs).toBeUndefined();
  }
  expect(messages()).toEqual([]);
});

test("readiness, status and pings reach the manager in this order, a status in one line", async () => {
  const { program, messages } = recorder();
  const notifier = createNotifier(underSystemd, memoryLog().log, program);
  notifier.ready();
  await notifier.idle();
  notifier.status("3 channels\nand 2 alarms");
  await notifier.idle();
  notifier.watchdog();
  await notifier.idle();
  notifier.stopping();
  await notifier.idle();
  expect(messages()).toEqual([
    "READY=1",
    "STATUS=3 channels and 2 alarms",
    "WATCHDOG=1",
    "STOPPING=1",
  ]);
});

test("while one message is under way, all others wait as one, with the newest status", async () => {
  const { program, messages } = recorder("sleep 0.1");
  const notifier = createNotifier(underSystemd, memoryLog().log, program);
  notifier.ready();
  for (let turn = 0; turn < 1_000; turn += 1) {
    notifier.watchdog();
    notifier.status(`turn ${turn}`);
  }
  await notifier.idle();
  expect(messages()).toEqual(["READY=1", "WATCHDOG=1 STATUS=turn 999"]);
});

test("a long status is cut", async () => {
  const { program, messages } = recorder();
  const notifier = createNotifier(underSystemd, memoryLog().log, program);
  notifier.status("x".repeat(100_000));
  await notifier.idle();
  expect(messages()).toEqual([`STATUS=${"x".repeat(200)}`]);
});

test("a manager that cannot be reached is logged and goes no further", async () => {
  const { log, entries } = memoryLog();
  const failing = recorder("echo 'Connection refused' >&2; exit 1");
  const notifier = createNotifier(underSystemd, log, failing.program);
  notifier.ready();
  await notifier.idle();
  const missing = createNotifier(underSystemd, log, "/nowhere/systemd-notify");
  missing.ready();
  await missing.idle();
  expect(entries).toMatchObject([
    { event: "service-manager-not-reached", fields: { reason: "Connection refused" } },
    { event: "service-manager-not-reached", fields: { message: "READY=1" } },
  ]);
});

test.each([
  [{ WATCHDOG_USEC: "30000000" }, 30_000],
  [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: String(process.pid) }, 30_000],
  [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "1" }, undefined],
  [{ WATCHDOG_USEC: "0" }, undefined],
  [{ WATCHDOG_USEC: "soon" }, undefined],
  [{}, undefined],
])("watchdog from %j is %s ms", (env, ms) => {
  expect(createNotifier({ ...underSystemd, ...env }, memoryLog().log).watchdogMs).toBe(ms);
});

test("a manager that is slow to listen is told last what is true: ready again after reading the configuration", async () => {
  const { program, messages } = recorder("sleep 0.1");
  const notifier = createNotifier(underSystemd, memoryLog().log, program);
  notifier.watchdog();
  notifier.ready();
  notifier.reloading();
  notifier.ready();
  await notifier.idle();
  expect(messages()).toEqual(["WATCHDOG=1", "RELOADING=1 READY=1"]);
});
