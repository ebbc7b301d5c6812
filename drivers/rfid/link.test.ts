import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import type { Connection } from "../connect.ts";
import { FramedWire } from "../framing/framed-wire.ts";
import { type Outcome, openLink, reminding } from "./link.ts";
import type { ReaderEvent } from "./protocol.ts";
import { createR200Framer } from "./r200/frame.ts";
import { Talk } from "./talk.ts";

function deafConnection(): Connection {
  return {
    address: "tcp://127.0.0.1:1",
    stream: new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() }),
    discardInput: async () => undefined,
    close: async () => undefined,
  };
}

test("a fault that lasts is told again each minute, so that it is not taken for over", async () => {
  const clock = new ManualClock();
  const connection = deafConnection();
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

test("a reader that never confirms its stop does not hold up the closing", async () => {
  const context = { clock: new ManualClock(), log: memoryLog().log };
  const link = openLink(
    {
      run: async function* () {
        yield [{ is: "alive" }];
        return "later";
      },
      stop: (talk) => talk.ask(Uint8Array.of(0), () => undefined, 3_600_000),
    },
    createR200Framer(),
    deafConnection(),
    context,
    new AbortController().signal,
  );
  await expect(link[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
