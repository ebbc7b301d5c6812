import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { listSerialPorts } from "../../drivers/serial-ports.ts";

const never = new AbortController().signal;

test("the trap: where udevadm is missing SerialPort.list() rejects; our list does not need it", () => {
  const empty = mkdtempSync(join(tmpdir(), "no-programs-"));
  onTestFinished(() => rmSync(empty, { recursive: true }));
  const program = `
    import { SerialPort } from ${JSON.stringify(import.meta.resolve("serialport"))};
    import { listSerialPorts } from ${JSON.stringify(import.meta.resolve("../../drivers/serial-ports.ts"))};
    console.log(Array.isArray(await listSerialPorts()));
    await SerialPort.list().catch((error) => console.log(error.message));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { PATH: empty },
  });
  expect(said).toBe("true\nspawn udevadm ENOENT\n");
});

test("a missing by-id name is said so, with the ports that are there", async () => {
  const address = "serial:/dev/serial/by-id/usb-FTDI_of_another_machine-if00-port0";
  const there = (await listSerialPorts()).map(({ advised }) => advised);
  await expect(connect(address, {}, never)).rejects.toMatchObject({
    code: "driver/port-missing",
    where: address,
    todo: expect.stringContaining(there[0] ?? "no serial port is"),
  });
});

test("a folder is no serial port", async () => {
  await expect(connect("serial:/dev", {}, never)).rejects.toMatchObject({
    code: "driver/connect-failed",
    todo: "Correct the port in the configuration",
  });
});
