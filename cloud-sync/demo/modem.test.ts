import { expect, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import * as talks from "../../gateway/sms/dialogue.ts";
import { Modem } from "../../gateway/sms/modem.ts";
import { startModem } from "./modem.ts";

const never = new AbortController().signal;

test("the demo's modem is one for the gateway, and tells what it was given to send", async () => {
  const sent: (readonly [number: string, text: string])[] = [];
  const simulator = await startModem((...one) => sent.push(one));
  try {
    await using modem = new Modem(await connect(simulator.address, {}, never), systemClock);
    expect(await modem.talk(talks.wake(), never)).toBe(true);
    expect(await modem.talk(talks.simState(), never)).toBe("ready");
    expect(await modem.talk(talks.registration(), never)).toBe("home");
    const number = "+8613800138000";
    for (const text of ["冷库1超温8.6℃", "back to normal"]) {
      const outcome = await modem.talk(talks.send({ number, text }), never);
      expect(outcome).toEqual({ is: "sent" });
    }
    expect(sent).toEqual([
      [number, "冷库1超温8.6℃"],
      [number, "back to normal"],
    ]);
  } finally {
    await simulator.stop();
  }
});
