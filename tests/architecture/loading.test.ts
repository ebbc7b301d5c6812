import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { expect, test } from "vitest";

/** Imports that load at once: no types, and no `await import()`. */
const staticImport = /^(?:import|export) (?!type )[^;"]*?from "(\.{1,2}\/[^"]+)"/gm;

/** Every source that loading this one loads. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, target = ""] of readFileSync(file, "utf8").matchAll(staticImport))
    loadedWith(join(dirname(file), target), seen);
  return seen;
}

/** Together they are 1 MB of memory that a gateway without reader, scale and broker does not need. */
const loadedWithTheirChannel = [
  /^drivers\/rfid\/(session|presence|link|talk)\.ts$/,
  /^drivers\/rfid\/\w+\/link\.ts$/,
  /^drivers\/scale\/(session|conversation)\.ts$/,
  /^drivers\/mqtt\/(open-broker|client|reception|session|wire)\.ts$/,
];

test("conversations with readers, scales and brokers are loaded only where a channel needs them", () => {
  const loaded = [...loadedWith("drivers/index.ts")];
  expect(loaded).toContain("drivers/modbus/session.ts");
  expect(loaded).toContain("drivers/rfid/serial-protocols.ts");
  expect(loaded.filter((file) => loadedWithTheirChannel.some((it) => it.test(file)))).toEqual([]);
});

test("each of them exists: a name that nobody has guards nothing", () => {
  const roots = [
    "drivers/rfid/session.ts",
    "drivers/rfid/llrp/link.ts",
    "drivers/rfid/r200/link.ts",
  ];
  const others = ["drivers/scale/session.ts", "drivers/mqtt/open-broker.ts"];
  const files = [...roots, ...others].flatMap((file) => [...loadedWith(file)]);
  for (const pattern of loadedWithTheirChannel)
    expect(
      files.some((file) => pattern.test(file)),
      String(pattern),
    ).toBe(true);
});
