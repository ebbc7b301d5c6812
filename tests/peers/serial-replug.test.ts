import { expect, onTestFinished, test } from "vitest";
import { type Connection, connect } from "../../drivers/connect.ts";
import { FramedWire } from "../../drivers/framing/framed-wire.ts";
import { createFramer } from "../../drivers/framing/framer.ts";
import { listen } from "../../drivers/simulation/listen.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { serialCable } from "../support/serial-cable.ts";

const never = new AbortController().signal;
const patienceMs = 60_000;

/** Lines that end with a line feed. */
const shape = {
  frameBytesMax: 40,
  mayStart: () => true,
  look: (bytes: Uint8Array) => {
    const end = bytes.indexOf(10);
    return end < 0 ? ({ is: "more" } as const) : ({ is: "frame", length: end + 1 } as const);
  },
};

async function open(address: string): Promise<Connection> {
  const connection = await connect(address, {}, never);
  onTestFinished(() => connection.close());
  return connection;
}

function cut(connection: Connection): FramedWire {
  const wire = new FramedWire(connection, createFramer(shape), systemClock, { idleMs: 50 });
  onTestFinished(() => wire[Symbol.asyncDispose]());
  return wire;
}

/** Says a line every 20 ms, as a scale does; one connection at a time. */
function talk(address: string) {
  return listen(address, {
    attach: (wire) => {
      const timer = setInterval(() => wire.write("ST,GS,+001.50 kg\n"), 20);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  });
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");

test("a line is this program's alone: a second opening finds it busy, until it is closed", async (context) => {
  const { near } = await serialCable(context);
  const first = await open(near);
  await expect(connect(near, {}, never)).rejects.toMatchObject({
    code: "driver/port-busy",
    where: near,
  });
  await first.close();
  await first.close();
  await open(near);
});

test("an adapter that is pulled out is noticed by who only listens", async (context) => {
  const line = await serialCable(context);
  const wire = cut(await open(line.near));
  // Expected before the pull: the loss may come while the pull is still awaited.
  const lost = { code: "driver/connection-lost", where: line.near };
  const noticed = expect(wire.next(60_000, never)).rejects.toMatchObject(lost);
  await line.pull();
  await noticed;
  await expect(wire.write(Uint8Array.of(1))).rejects.toMatchObject({
    code: "driver/connection-lost",
  });
});

test("pulled out and plugged in again, the line opens anew and talks", async (context) => {
  const line = await serialCable(context);
  for (let round = 0; round < 3; round += 1) {
    const device = await talk(line.far);
    const connection = await open(line.near);
    const wire = cut(connection);
    const frames = await wire.next(patienceMs, never);
    expect(text(frames?.find(({ ok }) => ok)?.bytes)).toContain("ST,GS,+001.50 kg\n");
    await line.pull();
    await expect.poll(() => wire.lost.aborted, { timeout: patienceMs }).toBe(true);
    await wire[Symbol.asyncDispose]();
    await connection.close();
    await device.stop();
    await expect(connect(line.near, {}, never)).rejects.toMatchObject({
      code: "driver/port-missing",
    });
    await line.replug();
  }
});

test("a pull while nobody reads is found by the next wire on the same connection", async (context) => {
  const line = await serialCable(context);
  const connection = await open(line.near);
  await cut(connection)[Symbol.asyncDispose]();
  await line.pull();
  await expect.poll(() => connection.stream.destroyed, { timeout: patienceMs }).toBe(true);
  expect(cut(connection).lost.reason).toMatchObject({ code: "driver/connection-lost" });
});

test("the trap: serialport alone reads a line that has hung up for ever; ours is closed", async (context) => {
  const line = await serialCable(context);
  const { SerialPort } = await import("serialport");
  const port = new SerialPort({ path: line.nearPath, baudRate: 9_600, autoOpen: false });
  let closed = false;
  port.on("error", () => undefined);
  port.on("close", () => {
    closed = true;
  });
  await new Promise<void>((resolve) => port.open(() => resolve()));
  await line.pull();
  port.resume();
  await systemClock.sleep(2_500);
  expect({ closed, isOpen: port.isOpen }).toEqual({ closed: false, isOpen: true });
  await new Promise<void>((resolve) => port.close(() => resolve()));

  await line.replug();
  const connection = await open(line.near);
  await line.pull();
  const wire = cut(connection);
  await expect(wire.next(60_000, never)).rejects.toMatchObject({ code: "driver/connection-lost" });
});

test("the trap: a write to a line that was pulled out makes serialport close twice; a wire is lost once", async (context) => {
  const line = await serialCable(context);
  const { SerialPort } = await import("serialport");
  const port = new SerialPort({ path: line.nearPath, baudRate: 9_600, autoOpen: false });
  let closed = 0;
  port.on("error", () => undefined);
  port.on("close", () => {
    closed += 1;
  });
  await new Promise<void>((resolve) => port.open(() => resolve()));
  await line.pull();
  // Without a reader only a write finds out.
  port.write("x");
  await expect.poll(() => closed, { timeout: patienceMs }).toBe(2);

  await line.replug();
  const connection = await open(line.near);
  const wire = cut(connection);
  let losses = 0;
  let closes = 0;
  wire.lost.addEventListener("abort", () => {
    losses += 1;
  });
  connection.stream.on("close", () => {
    closes += 1;
  });
  await line.pull();
  await expect.poll(() => closes, { timeout: patienceMs }).toBe(2);
  expect(losses).toBe(1);
  await connection.close();
});

test("control lines that a port has not are said so, and the port is free again", async (context) => {
  const { near } = await serialCable(context);
  const serial = { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1, dtr: false } as const;
  await expect(connect(near, { serial }, never)).rejects.toMatchObject({
    code: "driver/connect-failed",
    todo: expect.stringContaining("dtr"),
  });
  await open(near);
});

test("what stood in the line before is thrown away with discard()", async (context) => {
  const line = await serialCable(context);
  const far = await open(line.far);
  const connection = await open(line.near);
  far.stream.write("old\nhalf");
  const wire = cut(connection);
  expect(text((await wire.next(patienceMs, never))?.[0]?.bytes)).toBe("old\n");
  await wire.discard();
  far.stream.write("fresh\n");
  const seen: string[] = [];
  while (!seen.includes("fresh\n"))
    seen.push(...((await wire.next(patienceMs, never)) ?? []).map(({ bytes }) => text(bytes)));
  expect(seen).toEqual(["fresh\n"]);
});
