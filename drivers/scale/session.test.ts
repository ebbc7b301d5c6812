import { expect, test } from "vitest";
import { scaleWire } from "../../tests/support/scale-wire.ts";
import { turnsMax } from "./conversation.ts";
import { deafMs } from "./session.ts";

const poll = { protocol: "mt-sics", mode: "poll", timeout: "500ms" };
const stream = { protocol: "mt-sics", mode: "stream", timeout: "500ms" };
const weights = (news: readonly string[]) => news.filter((text) => /^weight\b/.test(text));

test("a polled scale is asked once in a period, and its weight comes in kg with what it sent", async () => {
  await using scale = await scaleWire(poll, { every: "1s" });
  await scale.clock.advance(200);
  scale.heard();
  await scale.say({ weight: 1_250, unit: "g", stable: true });
  expect(scale.news()).toEqual([...["weight=1.25", "stable=true", "unit=g", "status=ok"]]);
  expect(scale.batches[0]?.[0]).toMatchObject({ point: "s/weight", raw: 1_250 });
  await scale.clock.advance(990);
  expect(scale.heard()).toBe("");
  await scale.clock.advance(20);
  expect(scale.heard()).toBe("SI\r\n");
});

test("a stream that runs on from an earlier time is stopped before the first question", async () => {
  await using scale = await scaleWire(poll);
  expect(scale.heard()).toBe("SI\r\n");
  await scale.say({ weight: 9, unit: "kg" });
  await scale.clock.advance(190);
  await scale.say('I4 A "1234567"\r\nS S       9.00 kg\r\n');
  await scale.clock.advance(20);
  expect(scale.heard()).toBe("SI\r\n");
  expect(scale.batches).toEqual([]);
  await scale.say({ weight: 1, unit: "kg" });
  expect(weights(scale.news())).toEqual(["weight=1"]);
});

test("a late answer never becomes the next question's weight", async () => {
  await using scale = await scaleWire(poll, { every: "600ms" });
  await scale.clock.advance(200);
  await scale.clock.advance(500);
  expect(weights(scale.news())).toEqual(["weight!timeout"]);
  scale.heard();
  await scale.clock.advance(300);
  await scale.say({ weight: 7, unit: "kg" });
  expect(scale.heard()).toBe("");
  await scale.clock.advance(800);
  expect(scale.heard()).toBe("SI\r\n");
  await scale.say({ weight: 8, unit: "kg" });
  expect(weights(scale.news())).toEqual(["weight!timeout", "weight=8"]);
});

test("a silent scale is bad in every period, asked ever more seldom, and good again with its first answer", async () => {
  await using scale = await scaleWire(poll, { every: "1s" });
  await scale.clock.advance(10_200);
  expect(scale.batches.length).toBeGreaterThanOrEqual(10);
  const news = scale.news();
  expect(new Set(news)).toEqual(
    new Set(["weight!timeout", "stable!timeout", "unit!timeout", "status!timeout"]),
  );
  const questions = scale.heard().split("\n").length - 2;
  expect(questions).toBeLessThan(7);
  expect(scale.ended()).toBeUndefined();
  for (let step = 0; step < 40 && scale.heard() === ""; step += 1) await scale.clock.advance(100);
  await scale.say({ weight: 3, unit: "kg" });
  expect(weights(scale.news()).at(-1)).toBe("weight=3");
});

test("what comes in place of an answer is named: noise, another language, nothing", async () => {
  await using scale = await scaleWire(poll, { every: "5s" });
  await scale.clock.advance(200);
  await scale.say(Uint8Array.of(0xff, 0x00, 0xfe));
  await scale.clock.advance(600);
  expect(weights(scale.news())).toEqual(["weight!bad-frame"]);
  await scale.clock.advance(4_400);
  await scale.say("ST,GS,   13.50 kg\r\n");
  await scale.clock.advance(600);
  expect(weights(scale.news())).toEqual(["weight!not-understood"]);
  await scale.clock.advance(4_900);
  expect(weights(scale.news())).toEqual(["weight!timeout"]);
});

test("a scale that cannot weigh answers in words, and they are reasons", async () => {
  await using scale = await scaleWire(poll, { every: "1s" });
  await scale.clock.advance(200);
  for (const line of ["S +", "S -", "S I", "ES"]) {
    await scale.say(`${line}\r\n`);
    await scale.clock.advance(1_000);
  }
  expect(weights(scale.news())).toEqual([
    ...["weight!overload", "weight!underload", "weight!not-ready", "weight!error ES"],
  ]);
});

test("ten weighings a second are one sample a second, the newest", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  expect(scale.heard()).toBe("SIR\r\n");
  await scale.say({ weight: 0.5, unit: "kg", stable: true });
  expect(weights(scale.news())).toEqual(["weight=0.5"]);
  for (let tenth = 1; tenth <= 30; tenth += 1) {
    await scale.clock.advance(100);
    await scale.say({ weight: tenth / 100, unit: "kg", stable: true });
  }
  expect(weights(scale.news())).toEqual(["weight=0.09", "weight=0.19", "weight=0.29"]);
});

test("motion and overload are told at once, whatever the period", async () => {
  await using scale = await scaleWire(stream, { every: "1min" });
  await scale.say({ weight: 1, unit: "kg", stable: true });
  await scale.say({ weight: 1.4, unit: "kg", stable: false, status: "unstable" });
  await scale.say({ status: "overload" });
  await scale.say({ weight: 2, unit: "kg", stable: true });
  expect(weights(scale.news())).toEqual([
    ...["weight=1", "weight=1.4?", "weight!overload", "weight=2"],
  ]);
});

test("a stream that falls silent is bad after three periods, in each period, and back with its first word", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  await scale.say({ weight: 1, unit: "kg", stable: true });
  scale.news();
  await scale.clock.advance(3_000);
  expect(scale.news()).toEqual([]);
  await scale.clock.advance(2_000);
  expect(weights(scale.news())).toEqual(["weight!timeout", "weight!timeout"]);
  await scale.say({ weight: 1, unit: "kg", stable: true });
  expect(weights(scale.news())).toEqual(["weight=1"]);
});

test("a stream of noise and a stream of another language are told apart", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  const babble = async (what: string | Uint8Array) => {
    for (let tenth = 0; tenth < 50; tenth += 1) {
      await scale.say(what);
      await scale.clock.advance(100);
    }
  };
  await babble(Uint8Array.of(0x80, 0xff, 0x13));
  expect(weights(scale.news()).at(-1)).toBe("weight!bad-frame");
  await babble("ST,GS,   13.50 kg\r\n");
  expect(weights(scale.news()).at(-1)).toBe("weight!not-understood");
});

test("a scale that lost its power is told to stream again: when it says so, and after a silence", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  await scale.say({ weight: 1, unit: "kg", stable: true });
  scale.heard();
  await scale.clock.advance(1_500);
  await scale.say('I4 A "1234567"\r\n');
  await scale.clock.advance(1_000);
  expect(scale.heard()).toBe("SIR\r\n");
  await scale.clock.advance(7_000);
  expect(scale.heard()).toMatch(/^(SIR\r\n){2}$/);
});

test("zero and tare resolve when the scale confirms, also while it streams", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  scale.heard();
  const zeroed = scale.session.write?.("s/zero", true);
  await scale.clock.advance(0);
  expect(scale.heard()).toBe("Z\r\n");
  await scale.say({ weight: 5, unit: "kg", stable: true });
  await scale.say("Z A\r\n");
  await zeroed;
  expect(weights(scale.news())).toEqual(["weight=5"]);
});

test("a refused order says why, a silent one that nobody confirmed it", async () => {
  await using scale = await scaleWire(poll, { every: "1min" });
  await scale.clock.advance(200);
  await scale.say({ weight: 5, unit: "kg" });
  const refused = expect(scale.session.write?.("s/zero", true)).rejects.toMatchObject({
    code: "driver/refused",
    message: expect.stringContaining("upper limit"),
  });
  await scale.clock.advance(0);
  await scale.say("Z +\r\n");
  await refused;
  const unknown = expect(scale.session.write?.("s/tare", true)).rejects.toMatchObject({
    code: "driver/refused",
    message: expect.stringContaining("ES"),
  });
  await scale.clock.advance(0);
  await scale.say("ES\r\n");
  await unknown;
  const silent = expect(scale.session.write?.("s/zero", true)).rejects.toMatchObject({
    code: "driver/timeout",
  });
  await scale.clock.advance(5_100);
  await silent;
});

test("an answer to another order confirms nothing, and what refuses an order is no weighing", async () => {
  await using scale = await scaleWire(stream, { every: "1s" });
  let isZeroed = false;
  const zeroed = scale.session.write?.("s/zero", true).finally(() => {
    isZeroed = true;
  });
  const refused = expect(zeroed).rejects.toMatchObject({ code: "driver/refused" });
  await scale.clock.advance(0);
  await scale.say("T S       5.00 kg\r\n");
  expect(isZeroed).toBe(false);
  await scale.say("ES\r\n");
  await refused;
  await scale.clock.advance(1_500);
  expect(scale.news()).toEqual([]);
});

test("an order waits for the question that is under way", async () => {
  await using scale = await scaleWire(poll, { every: "1s" });
  await scale.clock.advance(200);
  scale.heard();
  const tared = scale.session.write?.("s/tare", true);
  await scale.clock.advance(0);
  expect(scale.heard()).toBe("");
  await scale.say({ weight: 5, unit: "kg" });
  expect(scale.heard()).toBe("T\r\n");
  await scale.say("T S       5.00 kg\r\n");
  await tared;
});

test("only orders can be written, and only with true", async () => {
  await using scale = await scaleWire(stream);
  for (const [point, value] of [
    ["s/weight", 1],
    ["s/zero", false],
    ["s/zero", "true"],
    ["other/zero", true],
  ] as const)
    await expect(scale.session.write?.(point, value)).rejects.toMatchObject({
      code: "driver/not-writable",
    });
});

test("orders that pile up are refused, not queued", async () => {
  await using scale = await scaleWire(stream);
  const orders = Array.from({ length: turnsMax + 1 }, async () =>
    scale.session.write?.("s/zero", true),
  );
  const settled = Promise.allSettled(orders);
  await scale.clock.advance(0);
  for (let turn = 0; turn < turnsMax; turn += 1) await scale.say("Z A\r\n");
  const outcomes = (await settled).map(({ status }) => status);
  expect(outcomes.filter((status) => status === "rejected").length).toBe(1);
  expect(outcomes.at(-1)).toBe("rejected");
});

test("a language without confirmations takes an order for done when it is sent", async () => {
  await using scale = await scaleWire({ protocol: "toledo" });
  await scale.session.write?.("s/zero", true);
  await scale.clock.advance(0);
  expect(scale.heard()).toBe("Z");
});

test("without a flag of its own a scale is stable after equal readings", async () => {
  await using scale = await scaleWire({ protocol: "keli" }, { every: "100ms" });
  for (const weight of [5, 5, 5, 6]) await scale.say({ weight, unit: "kg" });
  expect(
    scale.news().filter((text) => text.startsWith("weight") || text.startsWith("stable")),
  ).toEqual([
    ...["weight=5?", "stable=false"],
    ...["weight=5", "stable=true"],
    ...["weight=6?", "stable=false"],
  ]);
});

test("a connection that is gone ends the session with an error", async () => {
  await using scale = await scaleWire(poll);
  await scale.hangUp();
  await scale.clock.advance(1_000);
  expect(scale.ended()?.error).toMatchObject({ code: "driver/connection-lost" });
});

test("a serial listener that hears no byte for a minute gives its port up", async () => {
  const serial = { port: "serial:/dev/ttyUSB0" };
  await using scale = await scaleWire({ ...stream, ...serial });
  await scale.clock.advance(deafMs - 2_000);
  await scale.say(Uint8Array.of(0));
  await scale.clock.advance(deafMs - 2_000);
  expect(scale.ended()).toBeUndefined();
  await scale.clock.advance(3_000);
  expect(scale.ended()?.error).toMatchObject({ code: "driver/connection-lost" });
});

test("a network scale that answers no question for a minute is gone; one that only sends may be silent", async () => {
  await using asked = await scaleWire(poll);
  await asked.clock.advance(deafMs + 6_000);
  expect(asked.ended()?.error).toMatchObject({ code: "driver/connection-lost" });
  await using listener = await scaleWire({ protocol: "toledo" });
  await listener.clock.advance(3 * deafMs);
  expect(listener.ended()).toBeUndefined();
});

test("a session that is closed in the middle of a question ends at once and quietly", async () => {
  const scale = await scaleWire(poll, { every: "1s" });
  await scale.clock.advance(250);
  await scale[Symbol.asyncDispose]();
  expect(scale.ended()).toEqual({ error: undefined });
  expect(scale.clock.sleeping).toBe(0);
});
