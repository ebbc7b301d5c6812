import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import type { PointView, Snapshot } from "./api.ts";
import { EventStream } from "./event-stream.ts";
import {
  heartbeatAfterMs,
  stockPendingMax,
  streamBytesMax,
  streamEveryMs,
  streamsMax,
} from "./limits.ts";
import type { StockView } from "./stock-api.ts";

class FakeScreen extends EventEmitter {
  readonly texts: string[] = [];
  writableLength = 0;
  destroyed = false;
  ended = false;
  slow = false;
  write(text: string): void {
    this.texts.push(text);
    if (this.slow) this.writableLength += text.length;
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
  /** Names of the events and their data. */
  get events(): readonly (readonly [string, unknown])[] {
    return this.texts.map((text) => {
      const data = /^data: (.*)$/m.exec(text)?.[1];
      return [/^event: (.*)$/m.exec(text)?.[1] ?? "", data === undefined ? "" : JSON.parse(data)];
    });
  }
}

const snapshot: Snapshot = {
  gateway: {
    id: "wh1",
    language: "zh",
    timezone: "Asia/Shanghai",
    startedAt: 0,
    now: 0,
    clock: "synchronized",
    locations: [],
  },
  points: [],
  alarms: [],
  outputs: [],
  sync: {
    configured: false,
    epoch: "e",
    lanes: {
      events: { head: 0, cursor: 0, backlog: 0 },
      samples: { head: 0, cursor: 0, backlog: 0 },
    },
  },
  notices: [],
};

const point = (key: string, value: number): PointView => ({
  key,
  kind: "number",
  value,
  stale: false,
  staleAfterMs: 1,
});

function start() {
  const clock = new ManualClock();
  let slow = 0;
  const stream = new EventStream({
    clock,
    snapshot: () => snapshot,
    onSlow: () => {
      slow += 1;
    },
  });
  const join = () => {
    const screen = new FakeScreen();
    stream.add(screen);
    return screen;
  };
  return { clock, stream, join, slow: () => slow };
}

test("a screen gets the snapshot first and then what changes", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  stream.changed({ points: [point("a/b", 1)] });
  await clock.advance(0);
  expect(screen.events).toEqual([
    ["snapshot", snapshot],
    ["change", { points: [point("a/b", 1)] }],
  ]);
  expect(screen.texts.map((text) => /^id: (\d+)$/m.exec(text)?.[1])).toEqual(["1", "2"]);
});

test("the first change goes at once, what follows goes together twice a second, the newest of each point", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  for (let i = 0; i < 100; i += 1) {
    stream.changed({ points: [point("a/b", i), point(`c/${i % 3}`, i)], alarms: [] });
    await clock.advance(10);
  }
  await clock.advance(streamEveryMs);
  const changes = screen.events.filter(([name]) => name === "change");
  expect(changes.length).toBe(3);
  expect(changes.at(-1)?.[1]).toMatchObject({
    points: [point("a/b", 99), point("c/2", 98), point("c/0", 99), point("c/1", 97)],
    alarms: [],
  });
});

const line = (location: string, quantity: number): StockView => ({
  item: "bolt",
  location,
  unit: "pcs",
  quantity,
  available: quantity,
  interval: [quantity, quantity],
  onOrder: 0,
  reserved: 0,
  position: quantity,
  state: "ok",
  warnings: [],
  lots: [],
});

test("two movements of different places in the same half second both reach the screen", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  stream.changed({ stock: [line("a", 9)] });
  stream.changed({ stock: [line("b", 5)] });
  stream.changed({ stock: [line("a", 8)] });
  await clock.advance(streamEveryMs);
  expect(screen.events.at(-1)).toEqual(["change", { stock: [line("a", 8), line("b", 5)] }]);
});

test("an import of thousands of lines does not fill a stream", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  stream.changed({ alarms: [] });
  await clock.advance(0);
  for (let index = 0; index < stockPendingMax + 7; index += 1) {
    stream.changed({ stock: [line(`a${index}`, 1)] });
  }
  stream.changed({ stock: [line("a0", 0)] });
  await clock.advance(streamEveryMs);
  const told = screen.events.at(-1)?.[1];
  expect(told).toMatchObject({ stock: { length: stockPendingMax, 0: line("a0", 0) } });
});

test("nothing is queued while nobody looks", async () => {
  const { clock, stream, join } = start();
  stream.changed({ points: [point("a/b", 1)] });
  expect(clock.sleeping).toBe(0);
  const screen = join();
  await clock.advance(streamEveryMs);
  expect(screen.events.map(([name]) => name)).toEqual(["snapshot"]);
});

test("who joins while a change waits gets it in the snapshot only", async () => {
  const { clock, stream, join } = start();
  const first = join();
  stream.changed({ notices: [] });
  await clock.advance(0);
  stream.changed({ points: [point("a/b", 2)] });
  const second = join();
  await clock.advance(streamEveryMs);
  expect(first.events.map(([name]) => name)).toEqual(["snapshot", "change", "change"]);
  expect(second.events.map(([name]) => name)).toEqual(["snapshot"]);
});

test("fifteen silent seconds bring a heartbeat, and a change puts it off", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  await clock.advance(heartbeatAfterMs - 1);
  stream.changed({ alarms: [] });
  await clock.advance(heartbeatAfterMs - 1);
  expect(screen.events.map(([name]) => name)).toEqual(["snapshot", "change"]);
  await clock.advance(1);
  expect(screen.texts.at(-1)).toBe("event: heartbeat\ndata:\n\n");
  await clock.advance(heartbeatAfterMs);
  expect(screen.events.filter(([name]) => name === "heartbeat")).toHaveLength(2);
});

test("a screen that does not read is closed at the limit and the others go on", async () => {
  const { clock, stream, join, slow } = start();
  const stuck = join();
  const good = join();
  stuck.slow = true;
  const notice = { part: "x", code: "y", message: "m".repeat(10_000), since: 0 };
  for (let i = 0; i < 200 && !stuck.destroyed; i += 1) {
    stream.changed({ notices: [notice] });
    await clock.advance(streamEveryMs);
  }
  expect(stuck.destroyed).toBe(true);
  expect(stuck.writableLength).toBeLessThan(streamBytesMax + 11_000);
  expect(slow()).toBe(1);
  expect(stream.screens).toBe(1);
  stream.changed({ notices: [] });
  await clock.advance(streamEveryMs);
  expect(good.events.at(-1)).toEqual(["change", { notices: [] }]);
});

test("screens have a limit, and one that leaves makes room", () => {
  const { stream, join } = start();
  const screens = Array.from({ length: streamsMax }, join);
  expect(stream.full).toBe(true);
  screens[0]?.destroy();
  expect(stream.full).toBe(false);
});

test("closing ends every stream and every waiting", async () => {
  const { clock, stream, join } = start();
  const screen = join();
  stream.changed({ alarms: [] });
  stream.close();
  await clock.advance(0);
  expect(screen.ended).toBe(true);
  expect(clock.sleeping).toBe(0);
});
