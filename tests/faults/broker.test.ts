import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";

const child = fileURLToPath(new URL("./broker-child.ts", import.meta.url));
const megabyte = 1_048_576;

/** A packet of this size is what took a bare broker from 58 to 396 MB. */
const hugeBytes = 150 * megabyte;

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

class Victim {
  readonly process: ChildProcess;
  readonly port: number;
  stderr = "";
  /** What the guarded broker said last. */
  clients = 0;

  private constructor(process: ChildProcess, port: number) {
    this.process = process;
    this.port = port;
    process.stderr?.on("data", (text) => {
      this.stderr += String(text);
    });
    process.stdout?.on("data", (text) => {
      this.clients = Number(String(text).trim().split("\n").at(-1));
    });
  }

  static async start(kind: "bare" | "guarded"): Promise<Victim> {
    const process_ = spawn(process.execPath, [child, kind], { stdio: ["ignore", "pipe", "pipe"] });
    cleanups.push(() => process_.kill("SIGKILL"));
    const [port] = await once(process_.stdout, "data");
    return new Victim(process_, Number(port));
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  get rssBytes(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  }
}

function connectPacket(id: string): Buffer {
  const text = (it: string) => Buffer.concat([Buffer.from([0, it.length]), Buffer.from(it)]);
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, 0xc2, 0, 0]),
    text(id),
    text("flood"),
    text("flood"),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** The fixed header and topic of a PUBLISH with that much payload. */
function publishHead(payloadBytes: number, topic: "t" | "u" = "t"): Buffer {
  const header = [0x30];
  let left = payloadBytes + 3;
  do {
    header.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([...header, 0, 1]), Buffer.from(topic)]);
}

function repeat(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

/**
 * Messages that somebody hears, so that aedes waits for their delivery, and behind them some thousand that nobody
 * hears: when the wait is over, each of them calls the next one.
 */
const floodBytes = Buffer.concat([
  repeat(publishHead(0, "t"), 200),
  repeat(publishHead(0, "u"), 12_000),
]);

async function raw(victim: Victim): Promise<Socket> {
  const socket = connect(victim.port, "127.0.0.1");
  socket.on("error", () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function login(victim: Victim, id: string): Promise<Socket> {
  const socket = await raw(victim);
  socket.write(connectPacket(id));
  await once(socket, "data");
  return socket;
}

/** Resolves when the socket takes more, closes, or after `ms`. */
async function ready(socket: Socket, ms = 1_000): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(ms)]);
  await Promise.race(["drain", "close"].map((it) => once(socket, it, { signal }))).catch(() => 0);
  done.abort();
}

/** Sends as fast as the socket takes it, until it closes or all was sent. Returns the bytes that were sent. */
async function pour(socket: Socket, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(65_536);
  let sent = 0;
  while (sent < bytes && !socket.destroyed) {
    sent += chunk.length;
    if (!socket.write(chunk)) await ready(socket);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
}

async function flood(victim: Victim, connections: number, forMs: number): Promise<void> {
  const sockets: Socket[] = [];
  // One by one: a broker that is slow to answer logins closes the oldest when too many wait.
  for (let i = 0; i < connections; i++) sockets.push(await login(victim, `f${i}`));
  const until = Date.now() + forMs;
  const pump = async (socket: Socket) => {
    while (Date.now() < until && victim.alive && !socket.destroyed) {
      if (!socket.write(floodBytes)) await ready(socket, Math.max(1, until - Date.now()));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(sockets.map(pump));
  for (const socket of sockets) socket.destroy();
}

async function subscriber(victim: Victim, topic: string): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${victim.port}`, {
    username: "flood",
    password: "flood",
    reconnectPeriod: 0,
  });
  client.on("error", () => undefined);
  cleanups.push(() => client.end(true));
  await client.subscribeAsync(topic);
  return client;
}

test("the trap: bare aedes dies of a QoS 0 flood with one subscriber", async () => {
  const victim = await Victim.start("bare");
  await subscriber(victim, "t");
  await flood(victim, 5, 20_000);
  await expect.poll(() => victim.alive, { timeout: 60_000 }).toBe(false);
  expect(victim.stderr).toContain("Maximum call stack size exceeded");
});

test("the trap: bare aedes takes in a packet of any size, before the login too", async () => {
  const victim = await Victim.start("bare");
  const before = victim.rssBytes;
  const socket = await raw(victim);
  socket.write(publishHead(hugeBytes));
  await pour(socket, hugeBytes / 2);
  await expect.poll(() => victim.rssBytes - before).toBeGreaterThan(50 * megabyte);
});

test("the same flood leaves our broker alive, small, and in time for everyone else", async () => {
  const victim = await Victim.start("guarded");
  await subscriber(victim, "t");
  const reader = await subscriber(victim, "rackwatch/#");
  const lagsMs: number[] = [];
  reader.on("message", (_, payload) => {
    lagsMs.push(Date.now() - Number(JSON.parse(payload.toString()).sampledAt));
  });
  const before = victim.rssBytes;
  await flood(victim, 50, 6_000);
  const after = victim.rssBytes;
  expect(victim.alive).toBe(true);
  expect(victim.stderr).toBe("");
  expect(after - before).toBeLessThan(100 * megabyte);
  expect(lagsMs.length).toBeGreaterThan(30);
  expect(lagsMs.toSorted((a, b) => a - b)[Math.floor(lagsMs.length * 0.95)]).toBeLessThan(2_000);
  console.log("flood", { rssGrowthMb: (after - before) / megabyte, lagMaxMs: Math.max(...lagsMs) });
});

test("a packet of 150 MB is cut at its announcement, after the login and before it", async () => {
  const victim = await Victim.start("guarded");
  const before = victim.rssBytes;
  for (const socket of [await login(victim, "huge"), await raw(victim)]) {
    socket.write(publishHead(hugeBytes));
    expect(await pour(socket, hugeBytes)).toBeLessThan(20 * megabyte);
  }
  expect(victim.alive).toBe(true);
  expect(victim.rssBytes - before).toBeLessThan(30 * megabyte);
});

test("a subscriber that does not read is dropped and costs a bounded memory", async () => {
  const victim = await Victim.start("guarded");
  const before = victim.rssBytes;
  const slow = await login(victim, "slow");
  slow.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x74, 0]));
  await once(slow, "data");
  slow.pause();
  const packet = Buffer.concat([publishHead(60_000), Buffer.alloc(60_000)]);
  const writers = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => login(victim, `w${i}`)));
  await expect.poll(() => victim.clients).toBe(7);
  const until = Date.now() + 15_000;
  // The kernel's own socket buffers take some megabytes before the backlog begins.
  while (victim.clients === 7 && Date.now() < until) {
    for (const writer of writers) if (!writer.write(packet)) await ready(writer, 100);
  }
  expect(victim.clients).toBe(6);
  expect(victim.alive).toBe(true);
  expect(victim.rssBytes - before).toBeLessThan(60 * megabyte);
});
