import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildProgram } from "../../cloud-sync/build.ts";
import type { GatewayRow } from "../../cloud-sync/central/api.ts";
import type { NoticeView, PointView, SyncView } from "../../gateway/panel/api.ts";
import { installed, needPrograms } from "../support/need-program.ts";
import { eventually } from "../support/spine.ts";
import { Machine } from "../support/systemd/machine.ts";

const needed = ["systemd-nspawn", "unshare", "nsenter"] as const;
const units = ["rackwatch-gateway", "rackwatch-sync", "rackwatch-central"] as const;
const shipped = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../systemd", name), "utf8");

const node = "/opt/rackwatch/node_modules/.bin/node";
const rackwatch = "/opt/rackwatch/cloud-sync/cli/rackwatch.js";
const lampFolder = "/run/lamps";
const panel = "http://127.0.0.1:8080";
const central = "http://127.0.0.1:8090";

const config = `
version: 1
gateway: { id: it-1 }
channels:
  room:
    driver: modbus
    port: tcp://127.0.0.1:5020
    devices: { cold: { template: xy-md02, unitId: 1, every: 200ms } }
  lights:
    driver: gpio
    backend: sim
    file: ${lampFolder}/levels.json
    devices: { stack: { points: { red: { line: 17 } } } }
rules:
  warm: { point: cold/temperature, above: 8, deadband: 0.5, outputs: [stack/red] }
store: { flushEvery: 500ms }
sync: { central: "${central}", credentials: !secret central }
`;

/** A quicker watchdog, and the folder in which the test sees the lamps. */
const override = `[Service]
WatchdogSec=8s
TimeoutAbortSec=1s
ReadWritePaths=${lampFolder}
`;

/** A step of this test: a node that starts cold on a busy machine takes some seconds. */
const stepMs = 40_000;

describe("gateway, agent and central under their units", () => {
  let machine: Machine;
  const run = (...command: readonly string[]) => {
    const { status, stdout, stderr } = machine.run(...command);
    const journal = status === 0 ? "" : units.map((unit) => machine.journal(unit)).join("\n");
    expect(status, `${command.join(" ")}: ${stderr}\n${journal}`).toBe(0);
    return stdout;
  };
  const shell = (script: string) => run("sh", "-c", script);
  const show = () => machine.show("rackwatch-gateway", "ActiveState", "NRestarts", "MainPID");
  /** Never 0, which for kill(1) is the group of the test itself. */
  const signal = (name: string) => {
    const { MainPID } = show();
    expect(Number(MainPID)).toBeGreaterThan(1);
    run("kill", `-${name}`, MainPID);
  };
  const restarted = (times: number) =>
    eventually(
      show,
      ({ ActiveState, NRestarts }) => ActiveState === "active" && NRestarts === String(times),
      stepMs,
    );
  const lamp = () => JSON.parse(machine.read(`${lampFolder}/levels.json`))["17"] as unknown;
  const get = <T>(url: string): T => {
    const script = `fetch("${url}").then(async (it) => console.log(await it.text()))`;
    // The caller says what it expects, and asserts on it.
    return JSON.parse(run(node, "-e", script)) as T;
  };

  beforeEach((context) => needPrograms(context, ...needed));

  beforeAll(async () => {
    if (!needed.every(installed)) return;
    await buildProgram();
    const system = "/etc/systemd/system";
    machine = await Machine.boot({
      "/usr/lib/sysusers.d/rackwatch.conf": shipped("rackwatch.sysusers.conf"),
      "/usr/lib/tmpfiles.d/rackwatch.conf": shipped("rackwatch.tmpfiles.conf"),
      ...Object.fromEntries(
        units.map((unit) => [`${system}/${unit}.service`, shipped(`${unit}.service`)]),
      ),
      [`${system}/rackwatch-gateway.service.d/test.conf`]: override,
      "/etc/rackwatch/gateway.yaml": config,
    });
    shell(`install -d -o rackwatch ${lampFolder}`);
    const room = "/opt/rackwatch/tests/support/systemd/room.ts";
    run("systemd-run", "--quiet", "--unit=room", node, room, "5020");
  }, 120_000);

  afterAll(() => machine?.powerOff());

  test("from a device to central: each under its unit, as its user, in its sandbox", async () => {
    const data = "/var/lib/rackwatch-central";
    const enrol = ["central", "--data", data, "add-gateway", "it-1"];
    const token = run("runuser", "-u", "rackwatch-central", "--", node, rackwatch, ...enrol);
    shell(`umask 077; printf %s '${token.trim()}' > /etc/credstore/central`);
    run("systemctl", "start", "rackwatch-central");
    run("systemctl", "start", "rackwatch-gateway");
    run("systemctl", "start", "rackwatch-sync");

    const [temperature] = await eventually(
      () => get<PointView[]>(`${panel}/api/points`),
      ([point]) => point?.value === 4.5,
    );
    expect(temperature).toMatchObject({ key: "cold/temperature", quality: "good" });
    const [gateway] = await eventually(
      () => get<GatewayRow[]>(`${central}/v1/gateways`),
      ([first]) => (first?.marks.samples ?? 0) > 10,
      stepMs,
    );
    expect(gateway).toMatchObject({ id: "it-1", marks: { events: expect.any(Number) } });
    const { lastContactAt } = await eventually(
      () => get<SyncView>(`${panel}/api/sync`),
      (sync) => sync.lastContactAt !== undefined,
    );
    expect(lastContactAt).toBeGreaterThan(0);
    expect(get<NoticeView[]>(`${panel}/api/notices`)).toEqual([]);
    for (const unit of units) {
      expect(machine.journal(unit)).not.toMatch(
        /EROFS|EPERM|EACCES|read-only|not permitted|denied/i,
      );
      expect(machine.show(unit, "ActiveState", "NRestarts")).toEqual({
        ActiveState: "active",
        NRestarts: "0",
      });
    }
  });

  test("compiled code lies where nobody else may read or write, data where the others may only read", () => {
    const seen = shell(
      "stat -c '%n %U:%G %a' /var/cache/rackwatch* /var/lib/rackwatch* /var/lib/rackwatch/sync",
    );
    expect(seen.trim().split("\n")).toEqual([
      "/var/cache/rackwatch rackwatch:rackwatch 700",
      "/var/cache/rackwatch-central rackwatch-central:rackwatch-central 700",
      "/var/cache/rackwatch-sync rackwatch-sync:rackwatch 700",
      "/var/lib/rackwatch rackwatch:rackwatch 750",
      "/var/lib/rackwatch-central rackwatch-central:rackwatch-central 700",
      "/var/lib/rackwatch/sync rackwatch-sync:rackwatch 750",
    ]);
    const asAgent = (script: string) =>
      machine.run("runuser", "-u", "rackwatch-sync", "-g", "rackwatch", "--", "sh", "-c", script);
    expect(asAgent("cat /var/lib/rackwatch/gateway.db").status).toBe(0);
    expect(asAgent("> /var/lib/rackwatch/gateway.db").stderr).toContain("Permission denied");
    expect(asAgent("> /var/cache/rackwatch/x").stderr).toContain("Permission denied");
  });

  test("after SIGKILL the lamp goes out, and burns again when the gateway is back, for the alarm lasts", async () => {
    run("systemctl", "kill", "-s", "USR1", "room");
    await eventually(lamp, (level) => level === 1);
    signal("KILL");
    await eventually(lamp, (level) => level === 0);
    await restarted(1);
    await eventually(lamp, (level) => level === 1);
  });

  test("a gateway that hangs is ended by the watchdog, made safe, and started again", async () => {
    signal("STOP");
    await eventually(lamp, (level) => level === 0, stepMs);
    await restarted(2);
    expect(machine.journal("rackwatch-gateway")).toContain("Watchdog timeout");
    await eventually(lamp, (level) => level === 1);
  });

  test("stopping ends all three in order, puts the lamp out, and keeps compiled code for the next start", () => {
    run("systemctl", "stop", ...units);
    for (const unit of units) {
      expect(machine.show(unit, "ActiveState", "Result")).toEqual({
        ActiveState: "inactive",
        Result: "success",
      });
    }
    expect(lamp()).toBe(0);
    for (const folder of ["rackwatch", "rackwatch-central", "rackwatch-sync"]) {
      expect(Number(shell(`find /var/cache/${folder} -type f | wc -l`))).toBeGreaterThan(50);
    }
  });

  test("on a read-only disk without its folders the gateway starts, alarms, and says so", async () => {
    for (const folder of ["/var/lib", "/var/cache"]) {
      run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder);
    }
    run("systemctl", "start", "rackwatch-gateway");
    await eventually(lamp, (level) => level === 1);
    const notices = get<NoticeView[]>(`${panel}/api/notices`);
    expect(notices).toContainEqual(expect.objectContaining({ part: "store" }));
  });
});
