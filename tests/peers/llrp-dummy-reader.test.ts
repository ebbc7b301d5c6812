import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Connection, connect } from "../../drivers/connect.ts";
import type { Clock, DriverContext } from "../../drivers/contract.ts";
import { decodeLlrp } from "../../drivers/rfid/llrp/decode.ts";
import { llrp } from "../../drivers/rfid/llrp/protocol.ts";
import type { ReaderEvent } from "../../drivers/rfid/protocol.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

const clock: Clock = systemClock;
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

let reader: ChildProcess;
let address: string;
let connection: Connection;
let inward: Buffer[];
let outward: Buffer[];

beforeEach(async () => {
  const script = fileURLToPath(import.meta.resolve("llrpjs/dist/test/dummy-reader.js"));
  reader = spawn(process.execPath, ["--import", path("llrp/free-port-child.ts"), script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (reader.stdout === null) throw new Error("the reader has no output");
  const lines = createInterface({ input: reader.stdout });
  for await (const line of lines) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    address = `tcp://127.0.0.1:${port}`;
    break;
  }
  reader.stdout.resume();
  inward = [];
  outward = [];
});

afterEach(async () => {
  await connection.close();
  if (reader.exitCode === null && reader.signalCode === null) {
    const gone = once(reader, "exit");
    reader.kill("SIGKILL");
    await gone;
  }
});

async function start() {
  const abort = new AbortController();
  connection = await connect(address, {}, abort.signal);
  // A listener would make it flow, and the greeting gone by before the driver listens.
  const push = connection.stream.push.bind(connection.stream);
  connection.stream.push = (chunk: Buffer | null) => {
    if (chunk !== null) inward.push(chunk);
    return push(chunk);
  };
  const write = connection.stream.write.bind(connection.stream);
  connection.stream.write = (chunk: Buffer) => {
    outward.push(chunk);
    return write(chunk);
  };
  const context: DriverContext = { clock, log: memoryLog().log };
  const link = await llrp.open(connection, { antennas: [1, 2], session: 1 }, context, abort.signal);
  const seen: ReaderEvent[] = [];
  const ended = (async () => {
    for await (const events of link.events()) seen.push(...events);
    return "ended";
  })().catch((error: unknown) => error);
  return { link, seen, ended, abort };
}

test("an independent reader takes our commands, and its reports are read as it sent them", async () => {
  const { link, seen, ended, abort } = await start();
  const reads = () => seen.filter(({ is }) => is === "read");
  await expect.poll(() => reads().length, { timeout: 50_000 }).toBeGreaterThan(12);
  const read = seen.flatMap((event) => (event.is === "read" ? [event.read] : []));
  for (const { epc, seenAt } of read) {
    expect(epc).toMatch(/^([0-9A-F]{2})+$/);
    expect(Math.abs((seenAt ?? 0) - Date.now())).toBeLessThan(120_000);
  }
  const sent = decodeLlrp(Buffer.concat(inward)).flatMap((it) =>
    it.ok ? [it["name"]] : ["noise"],
  );
  expect(new Set(sent)).toEqual(
    new Set([
      "READER_EVENT_NOTIFICATION",
      "SET_READER_CONFIG_RESPONSE",
      "DELETE_ROSPEC_RESPONSE",
      "ADD_ROSPEC_RESPONSE",
      "ENABLE_ROSPEC_RESPONSE",
      "START_ROSPEC_RESPONSE",
      "RO_ACCESS_REPORT",
    ]),
  );
  abort.abort();
  await link[Symbol.asyncDispose]();
  expect(await ended).toBe("ended");
  const asked = decodeLlrp(Buffer.concat(outward)).map((it) => it["name"]);
  expect(asked.slice(-2)).toEqual(["DELETE_ROSPEC", "CLOSE_CONNECTION"]);
});

test("a reader that is killed is lost", async () => {
  const { seen, ended, link } = await start();
  await expect.poll(() => seen.length, { timeout: 50_000 }).toBeGreaterThan(0);
  reader.kill("SIGKILL");
  expect(await ended).toMatchObject({ code: "driver/connection-lost" });
  await link[Symbol.asyncDispose]();
});
