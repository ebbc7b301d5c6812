import { expect, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { sealKeyOfToken, tokenSealKeys } from "../identity/token-seal.ts";
import { purposes, readEnvelope, writeEnvelope } from "./message-envelope.ts";
import { timeOfMessageId } from "./message-id.ts";
import { MessageLine } from "./message-line.ts";

const keys = tokenSealKeys("gw-1", sealKeyOfToken("secret"));
const { signal } = new AbortController();
const question = Buffer.from("{}");

type Heard = (id: string, envelope: Uint8Array) => void;

function answerOf(id: string, status: number, body: object, by = keys): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(body));
  const seal = by.seal(purposes.answer(id, status), bytes);
  return writeEnvelope({ seal, status, body: bytes });
}

/** A line whose other side does what the test says. */
function lineTo(
  answer: (heard: Heard, id: string, lose: () => void, turn: number, stirred: () => void) => void,
  deadlineMs = 200,
) {
  const seen = { opens: 0, ids: [] as string[], closes: 0 };
  const line = new MessageLine({
    ...{ keys, clock: systemClock, text: syncText.en, where: "mqtt://broker", deadlineMs },
    random: () => 0,
    open: async (heard, _signal, stirred) => {
      seen.opens += 1;
      const lost = new AbortController();
      const lose = () => lost.abort(new RackwatchError("driver/connection-lost", "gone"));
      return {
        lost: lost.signal,
        close: async () => {
          seen.closes += 1;
        },
        send: async (_kind, id) => {
          seen.ids.push(id);
          answer(heard, id, lose, seen.ids.length, stirred);
        },
      };
    },
  });
  return { line, seen };
}

test("an answer counts by its seal, its request and its status alone", async () => {
  const other = tokenSealKeys("gw-2", sealKeyOfToken("secret"));
  const { line } = lineTo((heard, id) => {
    heard("1-another", answerOf("1-another", 200, { wrong: 1 }));
    heard(id, Buffer.from("junk"));
    heard(id, answerOf(id, 200, { wrong: 2 }, other));
    heard(id, answerOf("1-another", 200, { wrong: 3 }));
    const changed = readEnvelope(answerOf(id, 200, { wrong: 4 }));
    if (changed !== undefined) heard(id, writeEnvelope({ ...changed, status: 403 }));
    heard(id, answerOf(id, 200, { right: true }));
  });
  expect(await line.ask("hello", question, signal)).toEqual({ status: 200, body: { right: true } });
});

test("no answer in time is an error that can be tried again, and the session stays", async () => {
  const { line, seen } = lineTo(() => undefined, 50);
  await expect(line.ask("hello", question, signal)).rejects.toMatchObject({
    code: "sync/unreachable",
  });
  await expect(line.ask("hello", question, signal)).rejects.toThrow("does not answer");
  expect(seen).toMatchObject({ opens: 1, closes: 0 });
});

test("a session that is lost is made anew by the next question, not before", async () => {
  const { line, seen } = lineTo((heard, id, lose, turn) =>
    turn === 1 ? lose() : heard(id, answerOf(id, 200, {})),
  );
  await expect(line.ask("hello", question, signal)).rejects.toMatchObject({
    code: "sync/unreachable",
  });
  expect(seen.opens).toBe(1);
  await line.ask("hello", question, signal);
  expect(seen.opens).toBe(2);
});

test("a clock in 1970 is put right by central's own time, at once and once", async () => {
  const late = { code: "stale", message: "late", serverTime: Date.UTC(2030, 0, 1) };
  const { line, seen } = lineTo((heard, id, _lose, turn) =>
    heard(id, turn === 1 ? answerOf(id, 400, late) : answerOf(id, 200, {})),
  );
  await line.ask("hello", question, signal);
  const times = seen.ids.map((id) => timeOfMessageId(id) ?? 0);
  expect(times).toHaveLength(2);
  expect(Math.abs((times[1] ?? 0) - late.serverTime)).toBeLessThan(60_000);
});

test("who claims without a seal that our key is unknown is believed only when nothing better comes", async () => {
  const refusal = Buffer.from('{"code":"unauthorized","message":"no"}');
  const hint = writeEnvelope({ seal: undefined, status: 401, body: refusal });
  const lied = lineTo((heard, id) => {
    heard(id, hint);
    heard(id, answerOf(id, 200, { right: true }));
  });
  expect(await lied.line.ask("hello", question, signal)).toMatchObject({ status: 200 });
  const true_ = lineTo((heard, id) => heard(id, hint), 10_000);
  await expect(true_.line.ask("hello", question, signal)).rejects.toMatchObject({
    code: "sync/unauthorized",
  });
});

test("one who gives up waiting ends it for nobody else", async () => {
  const { line } = lineTo((heard, id, _lose, turn) => {
    if (turn === 2) heard(id, answerOf(id, 200, {}));
  });
  const gaveUp = new AbortController();
  const first = line.ask("inbox", question, gaveUp.signal);
  gaveUp.abort(new Error("given up"));
  await expect(first).rejects.toThrow("given up");
  const { line: second } = lineTo((heard, id) => heard(id, answerOf(id, 200, {})));
  expect(await second.ask("hello", question, signal)).toMatchObject({ status: 200 });
});

test("more than four questions at once are sent away", async () => {
  const { line } = lineTo(() => undefined, 100);
  const asked = [1, 2, 3, 4].map(() => line.ask("hello", question, signal).catch(() => "late"));
  await expect(line.ask("hello", question, signal)).rejects.toMatchObject({ code: "sync/busy" });
  expect(await Promise.all(asked)).toEqual(["late", "late", "late", "late"]);
});

test("when a receiver of central came or went, what has no answer yet is asked once more, under another id", async () => {
  const { line, seen } = lineTo((heard, id, _lose, turn, stirred) => {
    if (turn === 2) heard(id, answerOf(id, 200, { right: true }));
    else for (let times = 0; times < 3; times += 1) stirred();
  }, 20_000);
  expect(await line.ask("batches", question, signal)).toEqual({
    status: 200,
    body: { right: true },
  });
  expect(new Set(seen.ids).size).toBe(2);
});

test("whoever says for ever that receivers come and go is believed five times", async () => {
  const { line, seen } = lineTo((_heard, _id, _lose, _turn, stirred) => stirred(), 20_000);
  await expect(line.ask("batches", question, signal)).rejects.toMatchObject({
    code: "sync/unreachable",
  });
  expect(seen.ids).toHaveLength(5);
});
