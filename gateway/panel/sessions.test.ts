import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { sessionAgeMsMax, sessionIdleMs, sessionStoredEveryMs, sessionsMax } from "./limits.ts";
import { Sessions } from "./sessions.ts";

/** State as the store keeps it: JSON by key. */
function start() {
  const clock = new ManualClock();
  const kept = new Map<string, string>();
  let writes = 0;
  const source = {
    readState: (prefix: string) =>
      new Map(
        [...kept]
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, text]): [string, unknown] => [key, JSON.parse(text)]),
      ),
    writeState: (state: ReadonlyMap<string, unknown>) => {
      writes += 1;
      for (const [key, value] of state) {
        if (value === undefined) kept.delete(key);
        else kept.set(key, JSON.stringify(value));
      }
    },
  };
  const memory = memoryLog();
  const open = () => new Sessions(source, { clock, log: memory.log });
  return { clock, kept, source, memory, open, writes: () => writes };
}

test("a token of 256 bits opens its session, survives a restart and is stored as a hash only", () => {
  const it = start();
  const token = it.open().open("li", undefined);
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect(it.open().find(token)).toBe("li");
  expect(JSON.stringify([...it.kept])).not.toContain(token);
});

test("a login ends the session that the browser had before", () => {
  const it = start();
  const sessions = it.open();
  const first = sessions.open("li", undefined);
  const second = sessions.open("li", first);
  expect(sessions.find(first)).toBeUndefined();
  expect(it.open().find(first)).toBeUndefined();
  expect(sessions.find(second)).toBe("li");
});

test("a closed session is gone, after a restart too", () => {
  const it = start();
  const sessions = it.open();
  const token = sessions.open("li", undefined);
  expect(sessions.close(token)).toBe("li");
  expect(sessions.close(token)).toBeUndefined();
  expect(sessions.find(token)).toBeUndefined();
  expect(it.open().find(token)).toBeUndefined();
  expect(it.kept.size).toBe(0);
});

test("thirty idle minutes end a session, use keeps it up to twelve hours", async () => {
  const it = start();
  const sessions = it.open();
  const idle = sessions.open("li", undefined);
  const used = sessions.open("wang", undefined);
  for (let ms = 0; ms + sessionIdleMs / 2 < sessionAgeMsMax; ms += sessionIdleMs / 2) {
    expect(sessions.find(used)).toBe("wang");
    await it.clock.advance(sessionIdleMs / 2);
  }
  expect(sessions.find(idle)).toBeUndefined();
  expect(sessions.find(used)).toBe("wang");
  await it.clock.advance(sessionIdleMs / 2);
  expect(sessions.find(used)).toBeUndefined();
});

test("a clock that steps back behind a session's beginning ends it", () => {
  const it = start();
  const sessions = it.open();
  const token = sessions.open("li", undefined);
  it.clock.setWall(0);
  expect(sessions.find(token)).toBeUndefined();
});

test("use is written down every few minutes and not at each request", async () => {
  const it = start();
  const sessions = it.open();
  const token = sessions.open("li", undefined);
  for (let i = 0; i < 100; i += 1) sessions.find(token);
  expect(it.writes()).toBe(1);
  await it.clock.advance(sessionStoredEveryMs);
  sessions.find(token);
  expect(it.writes()).toBe(2);
  await it.clock.advance(sessionIdleMs - 1);
  expect(it.open().find(token)).toBe("li");
});

test("sessions have a limit: the one that was used longest ago ends", async () => {
  const it = start();
  const sessions = it.open();
  const tokens: string[] = [];
  for (let i = 0; i < sessionsMax; i += 1) {
    tokens.push(sessions.open(`user ${i}`, undefined));
    await it.clock.advance(1);
  }
  sessions.find(tokens[0]);
  await it.clock.advance(1);
  sessions.open("one more", undefined);
  expect(sessions.find(tokens[0])).toBe("user 0");
  expect(sessions.find(tokens[1])).toBeUndefined();
  expect(it.kept.size).toBe(sessionsMax);
});

test("on a full disk a login still works, until the next start", () => {
  const it = start();
  it.source.writeState = () => {
    throw new Error("full");
  };
  const sessions = it.open();
  const token = sessions.open("li", undefined);
  expect(sessions.find(token)).toBe("li");
  expect(it.open().find(token)).toBeUndefined();
  expect(it.memory.entries.map(({ event }) => event)).toEqual(["panel sessions not stored"]);
});

test("stored text that is no session is passed over", () => {
  const it = start();
  it.kept.set("session/x", '{"user":7}');
  expect(it.open().find("x")).toBeUndefined();
});
