import {
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
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadOrLastGood } from "./last-good.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-last-good-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { RACKWATCH_SECRET_TOKEN: "swordfish" };
const write = (text: string) => writeFileSync(join(folder, "gateway.yaml"), text);
const start = (given: Readonly<Record<string, string>> = env) =>
  loadOrLastGood(join(folder, "gateway.yaml"), join(folder, "state"), { env: given });
const saved = (name: string) => join(folder, "state", name);
const current = "last-good.json";
const previous = "last-good.previous.json";

const valid = (name: string) => `version: 1
gateway: { id: cold-1, name: ${name} }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices: { cold-2: { template: own, unitId: 1 } }
sync: { central: "https://central.example.com", credentials: !secret token }
`;

const template = `vendor: V
model: M
driver: modbus
source: manual
trust: invented
points: { t: { table: input, address: 1, type: int16 } }
examples: [{ request: "04 0001 0001", response: "00fa", expect: { t: 250 } }]
`;

function writeTemplate(): void {
  mkdirSync(join(folder, "templates"));
  writeFileSync(join(folder, "templates/own.yaml"), template);
}

const nameOf = (result: ReturnType<typeof loadOrLastGood>) =>
  result.ok ? `${result.from}: ${result.config.gateway.name}` : "none";

test("an invalid file does not stop a gateway that has a last good one", () => {
  writeTemplate();
  write(valid("first"));
  expect(nameOf(start())).toBe("file: first");
  write(`${valid("second")}nonsense: 1\n`);
  const result = start();
  expect(nameOf(result)).toBe("last-good: first");
  expect(result).toMatchObject({ problem: { code: "config/invalid" } });
  expect(result.ok && result.problem?.where).toContain('unknown key "nonsense"');
});

test("neither does a missing file, and its templates are not needed any more", () => {
  writeTemplate();
  write(valid("first"));
  start();
  rmSync(join(folder, "gateway.yaml"));
  rmSync(join(folder, "templates"), { recursive: true });
  const result = start();
  expect(nameOf(result)).toBe("last-good: first");
  expect(result).toMatchObject({
    config: { channels: { bus: { devices: { "cold-2": { points: { t: { address: 1 } } } } } } },
    problem: { code: "config/unreadable" },
  });
});

test("without any good one the problems come back", () => {
  write("version: 1\n");
  const result = start();
  expect(result.ok).toBe(false);
  expect(result.problems.map(({ code }) => code)).toContain("schema/missing");
});

test("secrets are looked up again, and one that is gone does not silence the alarms", () => {
  writeTemplate();
  write(valid("first"));
  start();
  expect(readFileSync(saved(current), "utf8")).not.toContain("swordfish");
  write("broken");
  const again = start({ RACKWATCH_SECRET_TOKEN: "changed" });
  expect(again.ok && again.config.sync?.credentials?.reveal()).toBe("changed");
  const without = start({});
  expect(nameOf(without)).toBe("last-good: first");
  expect(without.ok && without.config.sync?.credentials?.reveal()).toMatch(/^[0-9a-f]{64}$/);
});

test("only the gateway's user may read the copy, and nothing else is left behind", () => {
  writeTemplate();
  write(valid("first"));
  start();
  expect(statSync(saved(current)).mode & 0o777).toBe(0o600);
  expect(existsSync(saved(`${current}.tmp`))).toBe(false);
});

test("an unchanged configuration is not written again", () => {
  writeTemplate();
  write(valid("first"));
  start();
  const { ino, mtimeMs } = statSync(saved(current));
  start();
  expect(statSync(saved(current))).toMatchObject({ ino, mtimeMs });
  expect(existsSync(saved(previous))).toBe(false);
});

test("a copy with any flipped bit or cut end is refused, the one before it is used", () => {
  writeTemplate();
  write(valid("first"));
  start();
  write(valid("second"));
  start();
  write("broken");
  expect(nameOf(start())).toBe("last-good: second");
  const good = readFileSync(saved(current));
  for (let at = 0; at < good.length; at += 37) {
    const flipped = Buffer.from(good);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    writeFileSync(saved(current), flipped);
    expect(nameOf(start())).toBe("last-good: first");
    writeFileSync(saved(current), good.subarray(0, at));
    expect(nameOf(start())).toBe("last-good: first");
  }
});

test("a damaged copy does not push out the good one before it", () => {
  writeTemplate();
  for (const name of ["first", "second"]) {
    write(valid(name));
    start();
  }
  writeFileSync(saved(current), "damaged");
  write(valid("third"));
  expect(nameOf(start())).toBe("file: third");
  writeFileSync(saved(current), "damaged");
  write("broken");
  expect(nameOf(start())).toBe("last-good: first");
});

test("a disk that takes nothing does not keep a valid configuration from running", () => {
  writeTemplate();
  write(valid("first"));
  // A file where the folder should be fails for root as well.
  writeFileSync(join(folder, "state"), "");
  const result = start();
  expect(nameOf(result)).toBe("file: first");
  expect(result.ok && result.notSaved).toBeInstanceOf(Error);
});
