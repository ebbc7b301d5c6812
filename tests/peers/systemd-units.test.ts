import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { buildProgram } from "../../cloud-sync/build.ts";
import { needPrograms } from "../support/need-program.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "systemd");
const units = ["rackwatch-gateway", "rackwatch-sync", "rackwatch-central"] as const;

/** Ten times the exposure that `systemd-analyze security` may find (0 sealed, 100 open). */
const exposureMax = 15;

beforeEach((context) => {
  needPrograms(context, "systemd-analyze", "systemd-sysusers", "systemd-tmpfiles");
});

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), "rackwatch-systemd-"));
  chmodSync(path, 0o755);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function unitText(unit: string): string {
  return readFileSync(join(folder, `${unit}.service`), "utf8");
}

/** A copy whose programs exist here, so that only the unit itself is judged. */
function verify(unit: string, change = (text: string) => text) {
  const text = unitText(unit).replaceAll("/opt/rackwatch/node_modules/.bin/node", process.execPath);
  const copy = join(temporary(), `${unit}.service`);
  writeFileSync(copy, change(text));
  return spawnSync("systemd-analyze", ["verify", copy], { encoding: "utf8" });
}

describe.each(units)("%s", (unit) => {
  test(`exposes no more than ${exposureMax / 10} of 10`, () => {
    const args = ["security", "--offline=yes", `--threshold=${exposureMax}`];
    const { status, stdout } = spawnSync(
      "systemd-analyze",
      [...args, join(folder, `${unit}.service`)],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toContain("Overall exposure level");
    expect(status, stdout.trim().split("\n").at(-1)).toBe(0);
  });

  test("is understood by systemd without a word", () => {
    const { status, stdout, stderr } = verify(unit);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("restarts for ever, is watched, and lets V8 write its code", () => {
    const text = unitText(unit);
    for (const line of [
      "Type=notify",
      "NotifyAccess=all",
      "Restart=always",
      "StartLimitIntervalSec=0",
      "MemoryDenyWriteExecute=no",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^WatchdogSec=/m);
    expect(text).toMatch(/^RestrictAddressFamilies=.*AF_NETLINK/m);
  });

  test("starts files that exist in the project, once the program is built", async () => {
    await buildProgram();
    const files = [...unitText(unit).matchAll(/ \/opt\/rackwatch\/(\S+\.(?:js|ts))/g)];
    expect(files.length).toBeGreaterThan(0);
    for (const [, file = ""] of files) expect(existsSync(join(root, file)), file).toBe(true);
  });
});

test("systemd-analyze verify ends well on a misspelt directive, so silence is what counts", () => {
  const { status, stderr } = verify("rackwatch-gateway", (text) =>
    text.replace("OOMPolicy=stop", "OOMPolicy=stpo"),
  );
  expect(status).toBe(0);
  expect(stderr).toContain("ignoring: stpo");
});

test("the agent and central get no device, the gateway no way out but its LAN", () => {
  for (const unit of ["rackwatch-sync", "rackwatch-central"]) {
    expect(unitText(unit)).toContain("PrivateDevices=yes");
    expect(unitText(unit)).not.toContain("DeviceAllow");
  }
  expect(unitText("rackwatch-gateway")).toContain("IPAddressDeny=any");
  expect(unitText("rackwatch-gateway")).toContain("ExecStopPost=");
});

test("the agent is given what messages need and the gateway the modem's PIN, by the names that the pages say", () => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const named = (unit: string) =>
    [...unitText(unit).matchAll(/^LoadCredential=(.+)$/gm)].map(([, name = ""]) => name);
  expect(named("rackwatch-gateway")).toEqual(["sms-pin"]);
  expect(named("rackwatch-sync")).toContain("mail");
  for (const name of [...named("rackwatch-gateway"), ...named("rackwatch-sync")])
    expect(readme).toMatch(new RegExp(`[\`/]${name}\\b`));
});

test("sysusers and tmpfiles make the users, groups and folders with the rights that the units count on", (context) => {
  if (process.getuid?.() !== 0) return context.skip("needs root: run .ci/run");
  const image = temporary();
  for (const name of ["etc", "var/lib", "usr/lib"])
    mkdirSync(join(image, name), { recursive: true });
  for (const name of ["passwd", "group"]) writeFileSync(join(image, "etc", name), "");
  const run = (program: string, file: string, ...args: readonly string[]) =>
    spawnSync(program, [`--root=${image}`, ...args, join(folder, file)], { encoding: "utf8" });
  expect(run("systemd-sysusers", "rackwatch.sysusers.conf")).toMatchObject({ status: 0 });
  mkdirSync(join(image, "etc/rackwatch"));
  writeFileSync(join(image, "etc/rackwatch/secrets.yaml"), "", { mode: 0o644 });
  expect(run("systemd-tmpfiles", "rackwatch.tmpfiles.conf", "--create")).toMatchObject({
    status: 0,
  });
  const ids = (file: string) =>
    new Map(
      readFileSync(join(image, "etc", file), "utf8")
        .split("\n")
        .map((row) => row.split(":"))
        .map(([name = "", , id]) => [name, Number(id)]),
    );
  const users = ids("passwd");
  const groups = ids("group");
  expect([...groups.keys()]).toEqual(expect.arrayContaining(["dialout", "gpio", "rackwatch"]));
  const rights = (path: string) => {
    const { mode, uid, gid } = statSync(join(image, path));
    return [(mode & 0o7777).toString(8), uid, gid];
  };
  const [gateway, agent, group] = [
    users.get("rackwatch"),
    users.get("rackwatch-sync"),
    groups.get("rackwatch"),
  ];
  expect(users.has("rackwatch-central")).toBe(true);
  expect(rights("var/lib/rackwatch")).toEqual(["750", gateway, group]);
  expect(rights("var/lib/rackwatch/sync")).toEqual(["750", agent, group]);
  expect(rights("etc/rackwatch")).toEqual(["770", 0, group]);
  expect(rights("etc/rackwatch/secrets.yaml")).toEqual(["600", gateway, group]);
  expect(rights("etc/credstore")).toEqual(["700", 0, 0]);
});
