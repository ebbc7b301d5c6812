import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../../tests/support/manual-clock.ts";
import { FramedWire } from "../../framing/framed-wire.ts";
import { asideMax, Conversation } from "./conversation.ts";
import { message, parameter, text, word } from "./encode.ts";
import { createMessageFramer } from "./frame.ts";

function start() {
  const [stream, reader] = duplexPair();
  const clock = new ManualClock();
  const connection = {
    address: "tcp://reader:5084",
    stream,
    discardInput: async () => undefined,
    close: async () => void stream.destroy(),
  };
  const wire = new FramedWire(connection, createMessageFramer(), clock, { idleMs: 1_000 });
  const talk = new Conversation(wire, clock, memoryLog().log, connection.address);
  return { reader, clock, talk, wire };
}

const { signal } = new AbortController();
const success = parameter(287, word(0), text(""));

test("an answer counts only for its own command; what came before it is not lost", async () => {
  const { reader, clock, talk } = start();
  const asked = talk.ask(signal, "DELETE_ROSPEC", new Uint8Array(4));
  reader.write(message("DELETE_ROSPEC_RESPONSE", 99, parameter(287, word(401), text("late"))));
  reader.write(message("RO_ACCESS_REPORT", 5));
  await clock.advance(10);
  reader.write(message("DELETE_ROSPEC_RESPONSE", 1, success));
  await clock.advance(10);
  expect(await asked).toMatchObject({ id: 1 });
  const kept = await talk.next(0, signal);
  expect(kept.map(({ name, id }) => `${name} ${id}`)).toEqual([
    "DELETE_ROSPEC_RESPONSE 99",
    "RO_ACCESS_REPORT 5",
  ]);
});

test("a command that is not answered is given up in time", async () => {
  const { clock, talk } = start();
  const asked = talk
    .ask(signal, "START_ROSPEC", new Uint8Array(4))
    .catch((error: unknown) => error);
  await clock.advance(10_000);
  expect(await asked).toMatchObject({ code: "driver/timeout", where: "tcp://reader:5084" });
});

test("an error message in place of the answer is a refusal with its words", async () => {
  const { reader, clock, talk } = start();
  const asked = talk.ask(signal, "ADD_ROSPEC").catch((error: unknown) => error);
  reader.write(message("ERROR_MESSAGE", 1, parameter(287, word(109), text("not here"))));
  await clock.advance(10);
  const error = await asked;
  expect(error).toMatchObject({ code: "driver/refused" });
  expect(error instanceof Error && error.message).toContain("M_UnsupportedMessage: not here");
});

test("while an answer is awaited only the newest reports are kept", async () => {
  const { reader, clock, talk } = start();
  const asked = talk.ask(signal, "START_ROSPEC", new Uint8Array(4));
  for (let id = 1; id <= asideMax + 100; id += 1) {
    reader.write(message("RO_ACCESS_REPORT", id + 1_000));
    if (id % 200 === 0) await clock.advance(1);
  }
  reader.write(message("START_ROSPEC_RESPONSE", 1, success));
  await clock.advance(10);
  await asked;
  const kept = await talk.next(0, signal);
  expect(kept).toHaveLength(asideMax);
  expect(kept.at(-1)?.id).toBe(asideMax + 1_100);
});

test("every sign of life is acknowledged as it comes", async () => {
  const { reader, clock, talk } = start();
  const waiting = talk.next(1_000, signal);
  reader.write(message("KEEPALIVE", 7));
  await clock.advance(10);
  expect((await waiting).map(({ name }) => name)).toEqual(["KEEPALIVE"]);
  expect(Buffer.from(reader.read() ?? []).toString("hex")).toBe("04480000000a00000001");
});
