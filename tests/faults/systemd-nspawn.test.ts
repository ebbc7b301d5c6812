import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { changesIn, GpiodStandIn, levelsIn } from "../support/gpiod/stand-in.ts";
import { installed, needPrograms } from "../support/need-program.ts";
import { Machine } from "../support/systemd/machine.ts";

const needed = ["systemd-nspawn", "unshare", "nsenter", "gcc"] as const;
const units = join(import.meta.dirname, "../../systemd");
const unit = (name: string) => readFileSync(join(units, name), "utf8");

/** The unit itself is the project's; only the program is a small one, and the watchdog is quick. */
const override = (program: string) => `[Service]
ExecStart=
ExecStart=/opt/rackwatch/node_modules/.bin/node ${program}
WatchdogSec=3s
RestartSec=200ms
`;

/** Says that it is ready and what it was given. */
const agent = `
const { readdirSync, readFileSync } = require("node:fs");
const folder = process.env.CREDENTIALS_DIRECTORY;
const given = folder === undefined ? [] : readdirSync(folder).map((name) => name + "=" + readFileSync(folder + "/" + name, "utf8"));
require("node:child_process").execFileSync("systemd-notify", ["--ready", "STATUS=given " + (given.join(" ") || "none")]);
setInterval(() => require("node:child_process").execFileSync("systemd-notify", ["WATCHDOG=1"]), 1000);
`;

const standInFolder = "/var/lib/rackwatch/gpiod";
const wrapper = (tool: string) =>
  `#!/bin/sh\nRACKWATCH_GPIOD=${standInFolder} exec ${standInFolder}/real/${tool} "$@"\n`;

const patience = { timeout: 60_000, interval: 100 };

describe("the units on a machine of their own", () => {
  let machine: Machine;
  const levels = () => levelsIn(changesIn(machine.read(join(standInFolder, "levels.log"))), 17);
  const state = () =>
    machine.show(
      "rackwatch-gateway",
      "ActiveState",
      "NRestarts",
      "MainPID",
      "StatusText",
      "Result",
    );
  const active = (restarts: number) =>
    vi.waitFor(
      () => expect(state()).toMatchObject({ ActiveState: "active", NRestarts: String(restarts) }),
      patience,
    );

  beforeEach((context) => needPrograms(context, ...needed));

  beforeAll(async () => {
    if (!needed.every(installed)) return;
    const tools = new GpiodStandIn(2);
    const system = "/etc/systemd/system";
    machine = await Machine.boot(
      {
        "/usr/lib/sysusers.d/rackwatch.conf": unit("rackwatch.sysusers.conf"),
        "/usr/lib/tmpfiles.d/rackwatch.conf": unit("rackwatch.tmpfiles.conf"),
        [`${system}/rackwatch-gateway.service`]: unit("rackwatch-gateway.service"),
        [`${system}/rackwatch-sync.service`]: unit("rackwatch-sync.service"),
        [`${system}/rackwatch-gateway.service.d/test.conf`]: override(
          "/opt/rackwatch/tests/support/systemd/gateway.ts",
        ),
        [`${system}/rackwatch-sync.service.d/test.conf`]: override("/usr/local/lib/agent.cjs"),
        "/usr/local/lib/agent.cjs": agent,
        "/usr/local/bin/gpioset": wrapper("gpioset"),
        "/usr/local/bin/gpiodetect": wrapper("gpiodetect"),
      },
      { [standInFolder]: tools.folder },
    );
    tools.remove();
    machine.run("chmod", "755", "/usr/local/bin/gpioset", "/usr/local/bin/gpiodetect");
    machine.run("chown", "-R", "rackwatch:rackwatch", standInFolder);
  }, 120_000);

  afterAll(() => machine?.powerOff());

  test("the gateway's unit starts, says that it is ready, and works in its sandbox", async () => {
    const { status, stderr } = machine.run("systemctl", "start", "rackwatch-gateway");
    expect({ status, stderr }, machine.journal("rackwatch-gateway")).toEqual({
      status: 0,
      stderr: "",
    });
    await vi.waitFor(
      () => expect(state().StatusText).toBe("lamp on, 1 network interface, function"),
      patience,
    );
    expect(levels()).toBe("01");
    const { MainPID } = state();
    // Longer than the watchdog's 3 s: the pings arrive.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(state()).toMatchObject({ ActiveState: "active", NRestarts: "0", MainPID });
  });

  test("after SIGKILL the stop step puts the lamp out, and the gateway starts again", async () => {
    machine.run("kill", "-9", state().MainPID);
    await active(1);
    expect(machine.journal("rackwatch-gateway")).toContain("lights line 17: level 0");
    // Out by the stop step, out and on again by the new gateway.
    await vi.waitFor(() => expect(levels()).toBe("01001"), patience);
  });

  test("a gateway whose loop hangs is killed by the watchdog, made safe, and started again", async () => {
    machine.run("kill", "-USR1", state().MainPID);
    await active(2);
    expect(machine.journal("rackwatch-gateway")).toContain("Watchdog timeout");
    await vi.waitFor(() => expect(levels()).toBe("01001001"), patience);
  });

  test("stopping lets the gateway make its outputs safe itself, and nothing is left running", () => {
    expect(machine.run("systemctl", "stop", "rackwatch-gateway").status).toBe(0);
    expect(state()).toMatchObject({ ActiveState: "inactive", Result: "success" });
    expect(levels()).toMatch(/^010010010+$/);
    expect(machine.run("pgrep", "-u", "rackwatch").stdout).toBe("");
  });

  test("the agent runs without a credential and with one, and finds it under the name that the configuration uses", async () => {
    const status = () => machine.show("rackwatch-sync", "StatusText").StatusText;
    expect(machine.run("systemctl", "start", "rackwatch-sync").status).toBe(0);
    await vi.waitFor(() => expect(status()).toBe("given none"), patience);
    machine.run(
      "sh",
      "-c",
      "printf token-1 > /etc/credstore/central; chmod 600 /etc/credstore/central",
    );
    expect(machine.run("systemctl", "restart", "rackwatch-sync").status).toBe(0);
    await vi.waitFor(() => expect(status()).toBe("given central=token-1"), patience);
    expect(
      machine.run("stat", "-c", "%U:%G %a", "/var/lib/rackwatch", "/var/lib/rackwatch/sync").stdout,
    ).toBe("rackwatch:rackwatch 750\nrackwatch-sync:rackwatch 750\n");
  });
});
