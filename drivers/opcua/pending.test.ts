import { expect, test } from "vitest";
import { Pending } from "./pending.ts";

const sample = (value: number) =>
  ({ point: "plc/level", sampledAt: 0, quality: "good", value }) as const;

test("samples come out in their order, in batches that one transaction can hold", async () => {
  const pending = new Pending();
  const { signal } = new AbortController();
  for (let value = 0; value < 1_500; value += 1) pending.push(sample(value));
  expect(await pending.take(signal)).toHaveLength(1_000);
  expect((await pending.take(signal))[0]).toEqual(sample(1_000));
});

test("when nobody takes them the oldest go, which is told of once a minute", async () => {
  const pending = new Pending();
  expect(pending.droppedToTell(0)).toBe(0);
  for (let value = 0; value < 20_001; value += 1) pending.push(sample(value));
  expect(pending.droppedToTell(5_000)).toBe(1_000);
  expect((await pending.take(new AbortController().signal))[0]).toEqual(sample(1_000));
  for (let value = 0; value < 3_000; value += 1) pending.push(sample(value));
  expect(pending.droppedToTell(64_999)).toBe(0);
  expect(pending.droppedToTell(65_000)).toBe(2_000);
  expect(pending.droppedToTell(200_000)).toBe(0);
});

test("a wait ends with the next sample, or with the session", async () => {
  const pending = new Pending();
  const stop = new AbortController();
  const next = pending.take(stop.signal);
  pending.push(sample(1));
  expect(await next).toEqual([sample(1)]);
  const never = pending.take(stop.signal);
  stop.abort();
  expect(await never).toEqual([]);
});
