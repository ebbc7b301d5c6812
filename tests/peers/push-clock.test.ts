import { expect, onTestFinished, type TestContext, test } from "vitest";
import { listen } from "../../drivers/simulation/listen.ts";
import type { NoticeView } from "../../gateway/panel/api.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { type PushHouse, pushHouse } from "../support/push-house.ts";
import { type Told, told } from "../support/push-inbox.ts";
import { ScriptedModem } from "../support/sms-modem.ts";
import { eventually } from "../support/spine.ts";

const hourMs = 3_600_000;

/** A house whose wall clock is this far off: one signed channel, one that is not, one by SMS. */
async function houseAt(context: TestContext, offsetMs: number) {
  const modem = new ScriptedModem();
  const wire = await listen("tcp://127.0.0.1:0", modem);
  onTestFinished(() => wire.stop());
  let time: FakeTime | undefined;
  const house = await pushHouse({
    every: "500ms",
    sensors: 2,
    sections: ({ url }) => `
rules:
  warm1: { point: cold1/temperature, above: 8, priority: critical, message: room 1 is warm, notify: [all] }
  warm2: { point: cold2/temperature, above: 8, priority: critical, message: room 2 is warm, notify: [all] }
alarms: { links: true, site: "http://127.0.0.1:{panel}" }
notify:
  all:
    language: en
    sms: ["+8613800138000"]
    dingtalk: { webhook: !secret ding-hook, secret: !secret ding }
    webhook: { url: "${url}/plain" }
sms: { port: "${wire.address}" }
`,
    env: (folder, { url }) => {
      time = fakeTime(context, folder, offsetMs);
      return {
        ...time.env,
        RACKWATCH_SECRET_DING: "SEC-key",
        RACKWATCH_SECRET_DING_HOOK: `${url}/robot/send?access_token=t`,
      };
    },
  });
  onTestFinished(() => house[Symbol.asyncDispose]());
  await house.startGateway();
  await house.startAgent();
  const notice = () =>
    eventually(
      () => house.rig.get<readonly NoticeView[]>("/api/notices"),
      (all) => all.some(({ code }) => code === "push/clock"),
      30_000,
    );
  return { house, modem, notice, step: (ms: number) => time?.step(ms) };
}

function plain(house: PushHouse, message: string): Promise<readonly Told[]> {
  return eventually(
    () =>
      house.inbox
        .at("/plain")
        .map(({ raw }) => told(raw))
        .filter(({ text }) => text.includes(message)),
    ({ length }) => length > 0,
    30_000,
  );
}

const signed = (house: PushHouse, message: string) =>
  house.inbox.at("/robot/").filter(({ raw }) => raw.includes(message));

test("a clock that nobody set: signed pushes wait and say so, SMS and the others go, and all go when it is set", async (context) => {
  const { house, modem, notice, step } = await houseAt(context, -Date.now() + hourMs);
  house.setTemperature(8.6, 1);
  const [message] = await plain(house, "room 1 is warm");
  // A time that cannot be is not told, and a link could not expire.
  expect(message?.text).not.toContain("1970");
  expect(message).not.toHaveProperty("link");
  const line = await eventually(
    () => modem.sent.find(({ text }) => text.includes("room 1 is warm")),
    (sent) => sent !== undefined,
  );
  expect(line?.text).toMatch(/^room 1 is warm 8\.6°C CRITICAL$/);
  await notice();
  expect(signed(house, "room 1 is warm")).toEqual([]);
  step(0);
  await eventually(
    () => signed(house, "room 1 is warm"),
    ({ length }) => length === 1,
    30_000,
  );
  await eventually(
    () => house.rig.get<readonly NoticeView[]>("/api/notices"),
    (all) => all.every(({ code }) => code !== "push/clock"),
    30_000,
  );
});

test("a clock that is two hours off what servers say: the same, and an old link has expired", async (context) => {
  const { house, modem, notice, step } = await houseAt(context, 0);
  house.setTemperature(8.6, 1);
  const [before] = await plain(house, "room 1 is warm");
  await eventually(
    () => signed(house, "room 1 is warm"),
    ({ length }) => length === 1,
    30_000,
  );
  step(2 * hourMs);
  house.setTemperature(8.6, 2);
  await plain(house, "room 2 is warm");
  await eventually(
    () => modem.sent,
    (sent) => sent.some(({ text }) => text.includes("room 2 is warm")),
    30_000,
  );
  const problem = (await notice()).find(({ code }) => code === "push/clock");
  expect(problem?.message).toContain("2.0");
  expect(signed(house, "room 2 is warm")).toEqual([]);
  step(0);
  await eventually(
    () => signed(house, "room 2 is warm"),
    ({ length }) => length === 1,
    30_000,
  );

  step(25 * hourMs);
  const link = before?.link ?? "";
  for (const method of ["GET", "POST"]) {
    const answer = await eventually(
      async () => {
        const got = await fetch(link, { method });
        return { status: got.status, text: await got.text() };
      },
      ({ status }) => status === 410,
    );
    expect(answer.text).toContain("已过期");
  }
  expect((await house.alarm("warm1")).acknowledgedBy).toBeUndefined();
});
