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

test("when nobody takes them the oldest go and are counted", async () => {
  const pending = new Pending();
  for (let value = 0; value < 20_001; value += 1) pending.push(sample(value));
  expect(pending.dropped).toBe(1_000);
  expect((await pending.take(new AbortController().signal))[0]).toEqual(sample(1_000));
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
