import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { FramedWire } from "../framing/framed-wire.ts";
import { type Outcome, reminding } from "./link.ts";
import type { ReaderEvent } from "./protocol.ts";
import { createR200Framer } from "./r200/frame.ts";
import { Talk } from "./talk.ts";

test("a fault that lasts is told again each minute, so that it is not taken for over", async () => {
  const clock = new ManualClock();
  const connection = {
    address: "tcp://127.0.0.1:1",
    stream: new PassThrough(),
    discardInput: async () => undefined,
    close: async () => undefined,
  };
  await using wire = new FramedWire(connection, createR200Framer(), clock, { idleMs: 50 });
  const talk = new Talk(wire, clock, new AbortController().signal);
  async function* alive(): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
    for (let second = 0; second < 130; second += 1) {
      await clock.advance(1_000);
      yield [{ is: "alive" }];
    }
    return "again";
  }
  let faults = 0;
  for await (const batch of reminding(talk, [{ is: "fault", reason: "power" }], alive()))
    faults += batch.filter(({ is }) => is === "fault").length;
  expect(faults).toBe(2);
});
