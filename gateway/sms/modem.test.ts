import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { ScriptedModem } from "../../tests/support/sms-modem.ts";
import * as talks from "./dialogue.ts";
import { Modem } from "./modem.ts";
import { isMarked, markOf } from "./pin-mark.ts";

const never = new AbortController().signal;

function rig(device: ScriptedModem) {
  const [near, far] = duplexPair();
  const clock = new ManualClock();
  device.attach(far);
  let closed = 0;
  const modem = new Modem(
    {
      address: "serial:/dev/modem",
      stream: near,
      discardInput: async () => undefined,
      close: async () => {
        closed += 1;
        near.destroy();
      },
    },
    clock,
  );
  return { modem, clock, near, far, closed: () => closed };
}

const warm = { number: "+8613800138000", text: "冷库1超温8.6℃" };

test.for(["text mode", "PDU mode"])("a message arrives whole in %s", async (mode) => {
  const device = new ScriptedModem({ textMode: mode === "text mode", bytewise: true });
  const { modem, clock } = rig(device);
  const awake = modem.talk(talks.wake(), never);
  await expect.poll(() => clock.advance(100).then(() => device.commands.length)).toBe(3);
  expect(await awake).toBe(true);
  expect(await modem.talk(talks.send(warm), never)).toEqual({ is: "sent" });
  expect(device.sent).toMatchObject([warm]);
});

test("a modem that hangs with the text is waited for a minute, not for ever", async () => {
  const device = new ScriptedModem({ hangs: "text" });
  const { modem, clock } = rig(device);
  let outcome: talks.SendOutcome | undefined;
  void modem.talk(talks.send(warm), never).then((it) => {
    outcome = it;
  });
  await expect.poll(() => device.commands.length).toBe(4);
  await clock.advance(59_000);
  expect(outcome).toBeUndefined();
  await clock.advance(2_000);
  expect(outcome).toEqual({ is: "no-answer", handedOver: true });
});

test("commands never interleave", async () => {
  const { modem } = rig(new ScriptedModem({ hangs: "all" }));
  void modem.talk(talks.signal(), never).catch(() => undefined);
  await expect(modem.talk(talks.signal(), never)).rejects.toThrow("must not interleave");
});

test("a port that is gone ends the dialogue at once, and every later one", async () => {
  const { modem, near } = rig(new ScriptedModem({ hangs: "all" }));
  const talking = modem.talk(talks.signal(), never);
  near.destroy();
  await expect(talking).rejects.toMatchObject({ code: "driver/connection-lost" });
  await expect(modem.talk(talks.signal(), never)).rejects.toMatchObject({
    code: "driver/connection-lost",
    where: "serial:/dev/modem",
  });
});

test("a program that ends does not wait for the modem", async () => {
  const { modem, closed } = rig(new ScriptedModem({ hangs: "all" }));
  const end = new AbortController();
  const talking = modem.talk(talks.signal(), end.signal);
  end.abort(new Error("the end"));
  await expect(talking).rejects.toThrow("the end");
  await modem[Symbol.asyncDispose]();
  expect(closed()).toBe(1);
});

test("the mark of a PIN is that PIN's alone, and does not hold it", async () => {
  const mark = await markOf("1234");
  expect(JSON.stringify(mark)).not.toContain("1234");
  expect(await isMarked("1234", mark)).toBe(true);
  expect(await isMarked("1235", mark)).toBe(false);
  expect(await isMarked("1234", undefined)).toBe(false);
  expect(await isMarked("1234", { version: 2 })).toBe(false);
});
