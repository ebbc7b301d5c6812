import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { openChannel, readValue } from "./modbus-rig.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "connect-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

test("a port that is not there is said so, with where and what to do", async () => {
  const port = `serial:${folder}/ttyUSB7`;
  await expect(openChannel({ port, devices: {} })).rejects.toMatchObject({
    code: "driver/port-missing",
    where: port,
    todo: expect.stringContaining("plugged in"),
  });
});

test("a file that is no serial port is refused", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(connect(`serial:${folder}/file`, {}, never)).rejects.toMatchObject({
    code: "driver/connect-failed",
  });
});

test("a port that the user may not use is a missing permission", () => {
  const path = join(folder, "secret");
  writeFileSync(path, "");
  chmodSync(path, 0o000);
  const program = `
    import { connect } from ${JSON.stringify(import.meta.resolve("../../drivers/connect.ts"))};
    try { await connect("serial:${path}", {}, new AbortController().signal); }
    catch (error) { console.log(error.code, error.where, error.todo); }`;
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    ...asNobody,
    encoding: "utf8",
    cwd: folder,
  });
  expect(said).toContain(`driver/permission-denied serial:${path} Add the user`);
});

test("a server that is not there is said so", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const address = `tcp://127.0.0.1:${port}`;
  await expect(openChannel({ port: address, devices: {} })).rejects.toMatchObject({
    code: "driver/connect-failed",
    where: address,
    message: "The device refuses connections",
  });
});

test("a host name that nobody knows is said so", async () => {
  await expect(connect("tcp://nobody.invalid:502", {}, never)).rejects.toMatchObject({
    code: "driver/connect-failed",
    where: "tcp://nobody.invalid:502",
  });
});

test("opening ends when it is told to, and when the peer drops every packet", async () => {
  // Addresses of TEST-NET-1 (RFC 5737) are nobody's: packets to them get lost or are refused at once.
  const address = "tcp://192.0.2.1:502";
  const controller = new AbortController();
  const opening = connect(address, {}, controller.signal);
  controller.abort(new Error("stop"));
  await expect(opening).rejects.toThrow("stop");
  await expect(connect(address, { timeoutMs: 50 }, never)).rejects.toMatchObject({
    code: "driver/connect-failed",
  });
});

test("garbage, as from a wrong baud rate, gives bad samples and never a value", async () => {
  let seed = 42;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 16) & 0xff;
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write(Uint8Array.from({ length: 1 + (random() % 40) }, random)));
  });
  const port = `tcp://127.0.0.1:${await listen(server)}`;
  const points = { a: { table: "input", address: 1, type: "int16" } };
  const device = { unitId: 1, every: "50ms", timeout: "20ms", points };
  {
    await using rig = await openChannel({ port, mode: "rtu-over-tcp", devices: { d: device } });
    const samples = await rig.until((seen) => seen.length >= 60);
    expect(samples.map(readValue).every((value) => value === undefined)).toBe(true);
    expect(samples[0]).toMatchObject({ quality: "bad" });
  }
  server.close();
});

test("a session that is closed ends its samples without an error, and frees its connection", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  const port = `tcp://127.0.0.1:${await listen(server)}`;
  const points = { a: { table: "input", address: 1, type: "int16" } };
  const rig = await openChannel({ port, devices: { d: { unitId: 1, points } } });
  const iterator = rig.session.samples()[Symbol.asyncIterator]();
  const next = iterator.next();
  await rig[Symbol.asyncDispose]();
  expect(await next).toMatchObject({ done: true });
  await expect(rig.session.write?.("d/a", 1)).rejects.toMatchObject({
    code: "driver/not-writable",
  });
  await new Promise((resolve) => server.close(resolve));
});
