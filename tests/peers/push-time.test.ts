import { expect, type TestContext, test } from "vitest";
import { type FastTime, fastTime } from "../support/fast-time.ts";
import { type PushHouse, pushHouse } from "../support/push-house.ts";
import { type PushInbox, type Told, told } from "../support/push-inbox.ts";
import { eventually } from "../support/spine.ts";

const minuteMs = 60_000;

interface HouseOptions {
  readonly sensors?: number;
  readonly sections: (inbox: PushInbox) => string;
}

interface FastHouse extends PushHouse {
  /** So much time passes for both programs. */
  skip(ms: number): void;
}

async function fastHouse(context: TestContext, options: HouseOptions): Promise<FastHouse> {
  let time: FastTime | undefined;
  const house = await pushHouse({
    every: "1s",
    ...options,
    env: (folder) => {
      time = fastTime(context, folder);
      return time.env;
    },
  });
  context.onTestFinished(() => house[Symbol.asyncDispose]());
  await house.startGateway();
  await house.startAgent();
  return { ...house, skip: (ms) => time?.skip(ms) };
}

/** A request that is under way while time is skipped counts as timed out and is repeated, under the same key. */
function toldOf(house: PushHouse, receiver: string): readonly Told[] {
  const all = house.inbox.at(`/${receiver}`).map(({ raw }) => told(raw));
  const once = new Map(all.map((message) => [message.id, message]));
  return [...once.values()].filter(({ kind }) => kind !== "notice");
}

const kinds = (messages: readonly Told[]) => messages.map(({ kind }) => kind);

function heard(house: PushHouse, receiver: string, fits: (all: readonly Told[]) => boolean) {
  return eventually(() => toldOf(house, receiver), fits);
}

test.concurrent("an alarm that is acknowledged and stays is reminded of, until it returns", async (context) => {
  const house = await fastHouse(context, {
    sections: ({ url }) => `
rules: { warm: { point: cold1/temperature, above: 8, escalate: up } }
escalation: { up: { steps: [{ notify: [shift] }], remindEvery: 1min } }
notify: { shift: { language: en, webhook: { url: "${url}/shift" } } }
`,
  });
  house.setTemperature(8.6);
  const { id } = await house.alarm("warm");
  await house.post(`/api/alarms/${encodeURIComponent(id)}/acknowledge`, {});
  await heard(house, "shift", ({ length }) => length === 1);
  house.skip(minuteMs);
  await heard(house, "shift", ({ length }) => length === 2);
  house.skip(minuteMs);
  const reminded = await heard(house, "shift", ({ length }) => length >= 3);
  expect(kinds(reminded)).toEqual(["raised", "reminder", "reminder"]);
  expect(reminded[1]?.text).toContain("Acknowledged by li");
  const [first, second] = reminded.slice(1).map(({ fields }) => Number(fields["lastedMs"]));
  // The first may have come late by what the loop needed; the second counts from the same time.
  expect(Number(second) - Number(first)).toBeGreaterThan(minuteMs - 5_000);
  house.setTemperature(4);
  const over = await heard(house, "shift", (all) => all.some(({ kind }) => kind === "returned"));
  expect(over.at(-1)).toMatchObject({ kind: "returned", alarm: id });
});

test.concurrent("in quiet hours only the critical is told; after them what is still wrong, and not what came and went", async (context) => {
  const clock = (minutes: number) =>
    new Date(Date.now() + minutes * 60_000).toLocaleTimeString("en-GB", {
      timeZone: "Asia/Shanghai",
      hour: "2-digit",
      minute: "2-digit",
    });
  const house = await fastHouse(context, {
    sensors: 3,
    sections: ({ url }) => `
schedules: { night: { hours: [{ from: "${clock(-60)}", to: "${clock(60)}" }] } }
rules:
  stays: { point: cold1/temperature, above: 8, priority: medium, notify: [shift, system] }
  goes: { point: cold2/temperature, above: 8, priority: medium, autoAcknowledge: true, notify: [shift, system] }
  grave: { point: cold3/temperature, above: 8, priority: critical, notify: [shift, system] }
notify:
  shift: { language: en, webhook: { url: "${url}/shift" }, quiet: { during: night } }
  system: { language: en, webhook: { url: "${url}/system" } }
`,
  });
  for (const sensor of [1, 2, 3]) house.setTemperature(8.6, sensor);
  await heard(house, "system", (all) => all.length === 3);
  house.setTemperature(4, 2);
  await heard(house, "system", (all) => all.some(({ kind }) => kind === "returned"));
  await heard(house, "shift", ({ length }) => length === 1);
  house.skip(62 * minuteMs);
  // Time that is skipped between two looks at the clocks is seen at the next check of quiet hours, 30 s later.
  const all = await eventually(
    () => toldOf(house, "shift"),
    ({ length }) => length >= 2,
    40_000,
  );
  expect(all[0]).toMatchObject({ kind: "raised", priority: "critical" });
  expect(all).toHaveLength(2);
  expect(all[1]?.text).toContain("cold1/temperature");
  expect(all[1]?.text).not.toContain("cold2/temperature");
});

test.concurrent("in a flood the critical comes singly and all others in digests that count them", async (context) => {
  const sensors = 12;
  const rules = Array.from({ length: sensors }, (_, index) => {
    const sensor = index + 1;
    const priority = sensor === sensors ? "critical" : "medium";
    return `  warm${sensor}: { point: cold${sensor}/temperature, above: 8, priority: ${priority}, notify: [shift] }`;
  });
  const house = await fastHouse(context, {
    sensors,
    sections: ({ url }) => `
rules:
${rules.join("\n")}
alarms: { floodBegins: 4, floodEnds: 2, digestEvery: 30s }
notify: { shift: { language: en, webhook: { url: "${url}/shift" } } }
`,
  });
  for (let sensor = 1; sensor <= 3; sensor += 1) house.setTemperature(8.6, sensor);
  await heard(house, "shift", ({ length }) => length === 3);
  for (let sensor = 4; sensor <= sensors; sensor += 1) house.setTemperature(8.6, sensor);
  await house.alarm(`warm${sensors}`);
  await eventually(
    () => house.rig.get<readonly { state: string }[]>("/api/alarms"),
    (alarms) => alarms.filter(({ state }) => state === "unacknowledged").length === sensors,
  );
  expect((await house.pushes()).flooded).toBe(true);
  house.skip(minuteMs);
  const named = (all: readonly Told[], sensor: number) =>
    all.filter(({ text }) => text.includes(`cold${sensor}/temperature`));
  const all = await heard(house, "shift", (messages) =>
    Array.from({ length: sensors }, (_, index) => index + 1).every(
      (sensor) => named(messages, sensor).length > 0,
    ),
  );
  const single = all.filter(({ kind }) => kind === "raised").map(({ alarm }) => alarm);
  expect(single).toContain(`warm${sensors}#1`);
  // Those before the flood, perhaps the one that began it, and the critical one.
  expect(single.length).toBeLessThanOrEqual(5);
  const digests = all.filter(({ kind }) => kind === "digest");
  expect(digests.length).toBeGreaterThan(0);
  expect(digests.length).toBeLessThanOrEqual(4);
  for (let sensor = 4; sensor < sensors; sensor += 1) expect(named(all, sensor)).toHaveLength(1);
});
