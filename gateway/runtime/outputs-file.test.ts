import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gpioSchema } from "../../drivers/gpio/schema.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { outputsFile, readOutputs, writeOutputs } from "./outputs-file.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "rackwatch-outputs-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const channels = {
  lights: gpioSchema.parse({
    driver: "gpio",
    chip: "pinctrl-rp1",
    devices: {
      stack: { points: { red: { line: 17, activeLow: true } } },
      door: { points: { front: { line: 5, access: "read", debounce: "20ms" } } },
    },
  }),
  rs485: { driver: "modbus", devices: {} },
};

test("the file stands in systemd's runtime folder, else in the data folder", () => {
  expect(outputsFile({ RUNTIME_DIRECTORY: "/run/rackwatch:/run/other" }, "/data")).toBe(
    "/run/rackwatch/outputs.json",
  );
  expect(outputsFile({ RUNTIME_DIRECTORY: "" }, "/data")).toBe("/data/outputs.json");
});

test("what is written is read back: the GPIO channels with their fail-safe levels and nothing else", () => {
  const path = join(folder(), "outputs.json");
  writeOutputs(path, channels, memoryLog().log);
  expect(readOutputs(path)).toEqual([
    { channel: "lights", backend: "auto", chip: "pinctrl-rp1", lines: [{ line: 17, level: 1 }] },
  ]);
  expect(readdirSync(join(path, ".."))).toEqual(["outputs.json"]);
});

test("a folder that is not there does not stop the gateway; it is logged", () => {
  const { log, entries } = memoryLog();
  writeOutputs("/nowhere/outputs.json", channels, log);
  expect(entries).toMatchObject([{ level: "warn", event: "outputs-file-not-written" }]);
});

test.each(["", "{", "[]", '{"version":2,"channels":[]}', '{"version":1,"channels":[{"lines":9}]}'])(
  "%j is not taken for a list of outputs",
  (text) => {
    const path = join(folder(), "outputs.json");
    writeFileSync(path, text);
    expect(() => readOutputs(path)).toThrow(expect.objectContaining({ code: "config/invalid" }));
  },
);

test("no file is not an error", () => {
  expect(readOutputs(join(folder(), "outputs.json"))).toBeUndefined();
});
