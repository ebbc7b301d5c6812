import { expect, test } from "vitest";
import { ManualClock } from "../../../tests/support/manual-clock.ts";
import { Attempts, freeFailures } from "./attempts.ts";

const refusal = "too many wrong codes from this address";

test("whoever tries codes waits longer each time, and nobody else does", async () => {
  const clock = new ManualClock();
  const attempts = new Attempts(clock);
  for (let failure = 0; failure < freeFailures; failure += 1) attempts.failed("192.0.2.1");
  expect(() => attempts.check("192.0.2.1")).not.toThrow();
  attempts.failed("192.0.2.1");
  expect(() => attempts.check("::ffff:192.0.2.1")).toThrow(refusal);
  expect(() => attempts.check("192.0.2.2")).not.toThrow();
  await clock.advance(1_000);
  expect(() => attempts.check("192.0.2.1")).not.toThrow();
  attempts.failed("192.0.2.1");
  await clock.advance(1_000);
  expect(() => attempts.check("192.0.2.1")).toThrow(refusal);
});

test("all addresses of one IPv6 network count as one, however they are written", () => {
  const attempts = new Attempts(new ManualClock());
  for (let failure = 0; failure <= freeFailures; failure += 1) {
    attempts.failed(`2001:db8:0:7::${failure + 1}`);
  }
  expect(() => attempts.check("2001:0db8::7:1:2:3:4")).toThrow();
  expect(() => attempts.check("2001:db8:0:8::1")).not.toThrow();
});
