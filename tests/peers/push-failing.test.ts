import { expect, onTestFinished, test } from "vitest";
import { type FastTime, fastTime } from "../support/fast-time.ts";
import { pushHouse } from "../support/push-house.ts";
import { takes, told } from "../support/push-inbox.ts";
import { eventually } from "../support/spine.ts";

const minuteMs = 60_000;

test("a server that is down delays nobody else: the next step comes at once, the gateway says so, and what was given up is shown", async (context) => {
  let time: FastTime | undefined;
  const house = await pushHouse({
    every: "1s",
    sections: ({ url }) => `
rules: { warm: { point: cold1/temperature, above: 8, priority: critical, escalate: up } }
escalation: { up: { steps: [{ notify: [first, other] }, { after: 1h, notify: [chief] }] } }
alarms: { pushFor: 10min }
notify:
  first: { language: en, webhook: { url: "${url}/dead" } }
  other: { language: en, webhook: { url: "${url}/other" } }
  chief: { language: en, webhook: { url: "${url}/chief" } }
`,
    env: (folder) => {
      time = fastTime(context, folder);
      return time.env;
    },
  });
  onTestFinished(() => house[Symbol.asyncDispose]());
  house.inbox.answer = (letter, response) => {
    if (letter.path.startsWith("/dead")) response.writeHead(503).end();
    else takes(letter, response);
  };
  await house.startGateway();
  await house.startAgent();
  house.setTemperature(8.6);
  const { id } = await house.alarm("warm");
  const messages = (path: string) =>
    house.inbox
      .at(path)
      .map(({ raw }) => told(raw))
      .filter(({ alarm }) => alarm === id);
  await eventually(
    () => messages("/other"),
    ({ length }) => length > 0,
  );

  // Attempts come with growing pauses: three without success, and the receiver counts as not reached.
  const [called] = await eventually(
    () => {
      time?.skip(2_000);
      return messages("/chief");
    },
    ({ length }) => length > 0,
    25_000,
  );
  expect(called).toMatchObject({ kind: "escalated" });
  expect(called?.fields["lastedMs"]).toBeLessThan(60 * minuteMs);
  await eventually(
    async () => (await house.alarms()).map(({ rule }) => rule),
    (rules) => rules.includes("gateway:push"),
  );
  const first = (await house.receivers()).find((receiver) => receiver.id === "first");
  expect(first?.failing).toMatchObject([{ channel: "webhook" }]);

  time?.skip(11 * minuteMs);
  const { dead } = await eventually(house.pushes, (pushes) => pushes.dead.length > 0, 25_000);
  expect(dead[0]).toMatchObject({ receiver: "first", channel: "webhook", alarm: id });
  expect(dead[0]?.problem).toContain("503");
});
