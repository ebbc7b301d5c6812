import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../drivers/simulation/listen.ts";
import { contacts, pushHouse } from "../support/push-house.ts";
import { serialCable } from "../support/serial-cable.ts";
import { ScriptedModem } from "../support/sms-modem.ts";
import { eventually } from "../support/spine.ts";

const numbers = ["+8613800138000", "+8613900139000", "+8613700137000"];
const serial = { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 } as const;

test("a GSP cold store without mains: within a minute SMS to three people, light and sound at both places, no network needed", async (context) => {
  const cable = await serialCable(context);
  const modem = new ScriptedModem({ bootMs: 500, unsolicited: ["RING", "^RSSI: 18"] });
  const plugged = await listen(cable.far, modem, { serial });
  onTestFinished(() => plugged.stop());
  const house = await pushHouse({
    sensors: 2,
    every: "500ms",
    sections: () => `
locations:
  vault:
    kind: room
    name: 二号冷库
    profile: gsp-cold
    temperature: [cold1/temperature, cold2/temperature]
    humidity: [cold1/humidity, cold2/humidity]
    door: desk/door
    mains: desk/mains
    annunciate: [door, guard]
    notify: [keeper, quality, chief]
    area: 80
annunciators:
  door: { red: here/red, amber: here/amber, buzzer: here/buzzer }
  guard: { place: second, lamp: guard/lamp, siren: guard/siren }
notify:
  keeper: { sms: ["${numbers[0]}"] }
  quality: { sms: ["${numbers[1]}"] }
  chief: { sms: ["${numbers[2]}"] }
sms: { port: "${cable.near}" }
`,
  });
  onTestFinished(() => house[Symbol.asyncDispose]());
  await house.startGateway();
  await eventually(
    () => house.rig.get<readonly { value?: unknown }[]>("/api/points"),
    (points) => points.filter(({ value }) => value === 4.5).length === 2,
  );
  const alarmed = () => modem.sent.filter(({ text }) => text.includes("市电中断"));
  expect(alarmed()).toEqual([]);
  expect(house.lamps()).toMatchObject({ 17: 0, 22: 0, 27: 0, 23: 0 });

  const lostAt = performance.now();
  house.setContacts({ [contacts.mains]: 0 });
  const seen = new Set<number>();
  const watch = setInterval(() => {
    for (const [line, level] of Object.entries(house.lamps()))
      if (level === 1) seen.add(Number(line));
  }, 20);
  onTestFinished(() => clearInterval(watch));
  await eventually(alarmed, ({ length }) => length >= 3, 60_000);
  const smsMs = performance.now() - lostAt;
  await eventually(
    () => [17, 22, 27, 23].filter((line) => !seen.has(line)),
    (dark) => dark.length === 0,
  );
  expect(smsMs).toBeLessThan(60_000);
  expect(
    alarmed()
      .map(({ number }) => number)
      .toSorted(),
  ).toEqual(numbers.toSorted());
  for (const { text } of alarmed()) {
    expect(text).toMatch(/^二号冷库 市电中断/);
    expect(text.length).toBeLessThanOrEqual(70);
  }

  house.setContacts({});
  const back = () => modem.sent.filter(({ text }) => text.startsWith("恢复 二号冷库 市电中断"));
  await eventually(back, ({ length }) => length >= 3, 30_000);
  expect(
    back()
      .map(({ number }) => number)
      .toSorted(),
  ).toEqual(numbers.toSorted());
  expect(await house.pushes()).toMatchObject({ waiting: 0, dead: [] });
});
