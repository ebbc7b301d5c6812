import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { outgoingFolder } from "../../gateway/down/logs.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { type FilePiece, type Uplink, UplinkError } from "../uplinks/uplink.ts";
import { DownLane } from "./down-lane.ts";
import { InboxBook, keptMessagesMax } from "./inbox-book.ts";
import { Outgoing, pieceBytesMax } from "./outgoing.ts";
import { Trust } from "./trust.ts";

let dir: string;
let book: InboxBook;
let done: number;
let asked: number[];
let pieces: FilePiece[];
let fails: Error | undefined;
/** What central says to a piece; absent: it has all of it so far. */
let atCentral: ((piece: FilePiece) => { received: number }) | undefined;
let answeredAfterMs: number;
const clock = new ManualClock();
const { log, entries } = memoryLog();
const signal = new AbortController().signal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "down-lane-"));
  mkdirSync(join(dir, "sync"));
  mkdirSync(join(dir, outgoingFolder));
  book = new InboxBook(dir, syncText.en);
  [done, asked, pieces, fails, atCentral, answeredAfterMs] = [0, [], [], undefined, undefined, 0];
  entries.length = 0;
});

afterEach(() => {
  book[Symbol.dispose]();
  rmSync(dir, { recursive: true });
});

function lane(): DownLane {
  const uplink: Pick<Uplink, "inbox" | "sendPiece"> = {
    inbox: async (after) => {
      asked.push(after);
      if (fails !== undefined) throw fails;
      await clock.advance(answeredAfterMs);
      return { messages: [], after, generation: "g", serverTime: 0 };
    },
    sendPiece: async (piece) => {
      pieces.push(piece);
      return atCentral?.(piece) ?? { received: piece.offset + piece.bytes.length };
    },
  };
  return new DownLane({
    ...{ gatewayId: "gw", uplink: uplink as never, book, clock, log, text: syncText.en },
    trust: new Trust({ dataDir: dir, log, text: syncText.en }),
    outgoing: new Outgoing({ dataDir: dir, book, log }),
    done: () => done,
    random: () => 0.5,
  });
}

function keep(from: number, count: number): void {
  const messages = Array.from({ length: count }, (_, index) => ({
    ...{ number: from + index, text: "{}", key: "k", signature: "s", follows: 0 },
  }));
  book.keep(messages, 0);
}

test("while the gateway has enough to do central is asked for nothing; what it has done is forgotten", async () => {
  keep(1, keptMessagesMax);
  const own = lane();
  expect(await own.step(signal)).toBe(5_000);
  expect(asked).toEqual([]);
  done = 1;
  await own.step(signal);
  expect(asked).toEqual([keptMessagesMax]);
  expect(book.count()).toBe(keptMessagesMax - 1);
});

test("what the gateway has done counts as held, also when the agent's file is lost", async () => {
  done = 7;
  await lane().step(signal);
  expect(asked).toEqual([7]);
});

test("an answer that did not wait is followed by a wait; one that waited by the next question", async () => {
  const own = lane();
  expect(await own.step(signal)).toBe(10_000);
  answeredAfterMs = 1_000;
  expect(await own.step(signal)).toBe(0);
});

test("failures wait longer each time, a minute at most and no less than central asks; what a person has to mend is asked for rarely", async () => {
  const own = lane();
  fails = new UplinkError("sync/unreachable", "gone");
  const waits: number[] = [];
  for (let failure = 0; failure < 12; failure += 1) waits.push(await own.step(signal));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBeGreaterThan((waits[0] ?? 0) * 4);
  expect(waits.at(-1)).toBeLessThanOrEqual(60_000);
  fails = new UplinkError("sync/refused", "busy", { retryAfterMs: 90_000 });
  expect(await own.step(signal)).toBe(90_000);
  fails = new UplinkError("sync/unauthorized", "no");
  expect(await own.step(signal)).toBeGreaterThan(60_000);
});

test("a disk that keeps nothing is said once, and central is asked again", async () => {
  const own = lane();
  fails = new RackwatchError("store/io", "full", { todo: "make room" });
  await own.step(signal);
  await own.step(signal);
  const said = entries.filter(({ event }) => event === "messages of central cannot be kept");
  expect([said.length, asked.length]).toEqual([1, 2]);
});

test("a file goes on where central is, once; one that central did not ask for is not sent again", async () => {
  const bytes = Buffer.alloc(pieceBytesMax + 10, 7);
  writeFileSync(join(dir, outgoingFolder, "logs-1.tar.gz"), bytes);
  // Central has the first ten bytes already.
  atCentral = ({ offset, bytes: piece }) => {
    if (offset === 0) throw new UplinkError("sync/refused", "go on there", { mark: 10 });
    return { received: offset + piece.length };
  };
  const own = lane();
  await own.step(signal);
  expect(pieces.map(({ id, offset }) => [id, offset])).toEqual([
    ["logs-1", 0],
    ["logs-1", 10],
  ]);
  expect(pieces.at(-1)?.bytes.length).toBe(pieceBytesMax);
  await own.step(signal);
  expect(pieces).toHaveLength(2);
  writeFileSync(join(dir, outgoingFolder, "logs-2.tar.gz"), "x");
  atCentral = () => {
    throw new UplinkError("sync/refused", "nobody asked", { refusal: "not-found" });
  };
  await own.step(signal);
  await own.step(signal);
  expect(pieces.map(({ id }) => id)).toEqual(["logs-1", "logs-1", "logs-2"]);
  rmSync(join(dir, outgoingFolder, "logs-1.tar.gz"));
  await own.step(signal);
  expect([...book.sent().keys()]).toEqual(["logs-2.tar.gz"]);
});

test("central that begins anew each time is not sent a file for ever", async () => {
  writeFileSync(join(dir, outgoingFolder, "logs-1.tar.gz"), "x");
  atCentral = () => ({ received: 0 });
  await lane().step(signal);
  expect(pieces.length).toBeLessThan(20);
});
