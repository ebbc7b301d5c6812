import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOtherMachine, machineMark, machineText } from "./machine-mark.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rackwatch-machine-"));
});

afterEach(() => rmSync(root, { recursive: true }));

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test("a Pi is known by the serial number of its device tree, and no name of it is readable in the mark", () => {
  put("proc/device-tree/serial-number", "10000000a1b2c3d4\0");
  put("etc/machine-id", "8a3c".repeat(8));
  const mark = machineMark(root);
  expect(Object.keys(mark)).toEqual(["serial", "system"]);
  expect(machineText(mark)).toMatch(/^serial-[0-9a-f]{32}$/);
  expect(JSON.stringify(mark)).not.toContain("a1b2c3d4");
});

test("a PC is known by its board, or by the address of its first interface that is hardware", () => {
  put("sys/class/net/br0/address", "00:11:22:33:44:50");
  put("sys/class/net/eth0/address", "00:11:22:33:44:55");
  put("sys/class/net/eth0/device/vendor", "");
  put("sys/class/net/docker0/device/vendor", "");
  put("sys/class/net/docker0/address", "02:42:00:00:00:01");
  expect(Object.keys(machineMark(root))).toEqual(["network"]);
  put("sys/class/dmi/id/product_uuid", "4c4c4544-0051-3510-8052-b4c04f4d3732");
  expect(machineText(machineMark(root))).toMatch(/^board-/);
});

test.for(["00000000-0000-0000-0000-000000000000", "Default string", "FFFFFFFF", "\0", ""])(
  "what a maker never wrote (%s) says nothing",
  (text) => {
    put("sys/class/dmi/id/product_uuid", text);
    expect(machineMark(root)).toEqual({});
    expect(machineText({})).toBeUndefined();
  },
);

test("marks are compared by the most certain trait that both have, and without one nothing is said", () => {
  expect(isOtherMachine({ serial: "a", system: "x" }, { serial: "a", system: "y" })).toBe(false);
  expect(isOtherMachine({ serial: "a", system: "x" }, { serial: "b", system: "x" })).toBe(true);
  // Root sees the board, the gateway's user does not: it is the same machine.
  expect(isOtherMachine({ board: "b", network: "n" }, { network: "n" })).toBe(false);
  expect(isOtherMachine({ serial: "a" }, { network: "n" })).toBeUndefined();
  expect(isOtherMachine({}, {})).toBeUndefined();
});
