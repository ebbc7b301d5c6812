import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memoryIo } from "../../tests/support/command-io.ts";
import { runCommand } from "./command.ts";
import { devicesCommand } from "./devices.ts";

async function devices(...args: readonly string[]) {
  const { io, seen } = memoryIo();
  await runCommand(devicesCommand(io), args, io);
  return seen;
}

test("the list has drivers, languages and models; --driver keeps to one of them", async () => {
  const { out } = await devices();
  for (const word of ["opcua", "mt-sics", "r200", "llrp", "epc", "xy-md02"])
    expect(out).toMatch(new RegExp(`^  ${word}\\b`, "m"));
  const rfid = JSON.parse((await devices("--driver", "rfid", "--json")).out);
  expect(new Set(rfid.protocols.map(({ driver }: { driver: string }) => driver))).toEqual(
    new Set(["rfid"]),
  );
  expect(rfid.templates).toEqual([]);
  expect(JSON.parse((await devices("rfid", "--json")).out)).toEqual(rfid);
});

test("one model is shown with points, source and YAML; one language by any of its words", async () => {
  const { out } = await devices("xy-md02");
  expect(out).toContain("temperature  Cel");
  expect(out).toContain("template: xy-md02");
  expect((await devices("a & d")).out).toContain("2400 7E1");
  expect((await devices("xy-md02", "--lang", "zh")).out).toContain("测点");
});

test("models beside a configuration are listed too, and those that cannot be used are named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-devices-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "templates"));
  writeFileSync(join(folder, "templates", "odd-one.yaml"), "vendor: X\ndriver: modbus\n");
  const { out } = await devices("--config", join(folder, "gateway.yaml"));
  expect(out).toMatch(/odd-one +.*odd-one\.yaml/);
  expect(out).toMatch(/^ {2}xy-md02 /m);
});

test("an unknown word is answered with what was likely meant", async () => {
  expect(await devices("xy-md20")).toMatchObject({
    code: 2,
    err: expect.stringContaining("Did you mean xy-md02?"),
  });
  expect((await devices("--driver", "modbuss")).err).toContain("Did you mean modbus?");
});
