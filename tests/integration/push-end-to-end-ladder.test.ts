import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { listen } from "../../drivers/simulation/listen.ts";
import { contacts, type PushHouse, pushHouse } from "../support/push-house.ts";
import { type Told, told } from "../support/push-inbox.ts";
import { ScriptedModem } from "../support/sms-modem.ts";
import { eventually } from "../support/spine.ts";

/** Of the second step, and of the third. */
const climbMs = [3_000, 6_000] as const;
const sensors = 7;
const modem = new ScriptedModem();
const cleanup = new AsyncDisposableStack();
let house: PushHouse;

const rule = (sensor: number) => `
  warm${sensor}:
    point: cold${sensor}/temperature
    above: 8
    deadband: 0.5
    priority: ${sensor === 3 ? "high" : "critical"}
    message: cold${sensor} is too warm
    escalate: upwards`;

beforeAll(async () => {
  const wire = await listen("tcp://127.0.0.1:0", modem);
  cleanup.defer(() => wire.stop());
  house = cleanup.use(
    await pushHouse({
      sensors,
      sections: ({ url }) => `
rules:${Array.from({ length: sensors }, (_, index) => rule(index + 1)).join("")}
alarms: { links: true, site: "http://127.0.0.1:{panel}/" }
notify:
  first: { language: en, webhook: { url: "${url}/first" } }
  second: { language: en, webhook: { url: "${url}/second" }, sms: ["+8613800138000"] }
  third: { language: en, webhook: { url: "${url}/third" } }
escalation:
  upwards:
    steps:
      - { notify: [first] }
      - { after: ${climbMs[0]}ms, notify: [second] }
      - { after: ${climbMs[1]}ms, notify: [third], until: never }
sms: { port: "${wire.address}" }
`,
    }),
  );
  await house.startGateway();
  await house.startAgent();
});

afterAll(() => cleanup.disposeAsync());

/** What a receiver was told of one alarm, oldest first. */
function toldOf(receiver: string, alarm: string): readonly Told[] {
  const all = house.inbox.at(`/${receiver}`).map(({ raw }) => told(raw));
  return all.filter((message) => message.alarm === alarm);
}

/** Waits until a receiver was told of an alarm by this kind of message. */
async function heard(receiver: string, alarm: string, kind: string): Promise<Told> {
  const [found] = await eventually(
    () => toldOf(receiver, alarm).filter((message) => message.kind === kind),
    ({ length }) => length > 0,
    20_000,
  );
  if (found === undefined) throw new Error("nobody was told");
  return found;
}

async function raised(sensor: number) {
  house.setTemperature(8.6, sensor);
  return house.alarm(`warm${sensor}`);
}

const acknowledgePath = (alarm: string) => `/api/alarms/${encodeURIComponent(alarm)}/acknowledge`;
const linkOf = (message: Told) => message.link ?? "";
const page = async (link: string, method = "GET") => {
  const answer = await fetch(link, { method });
  return { status: answer.status, text: await answer.text() };
};

// Alone: a press takes whatever waits longest.
test("a button on the gateway stops the climb, except the step that nothing stops", async () => {
  const { id } = await raised(3);
  await heard("first", id, "raised");
  house.setContacts({ [contacts.acknowledge]: 1 });
  onTestFinished(() => house.setContacts({}));
  await house.alarm("warm3", "acknowledged");
  const third = await heard("third", id, "escalated");
  expect(third.text).toContain("Acknowledged by button desk/acknowledge");
  expect(toldOf("second", id)).toEqual([]);
});

test.concurrent("nobody acknowledges: the second is told after its time, also by SMS, then the third", async () => {
  const { id } = await raised(1);
  const first = await heard("first", id, "raised");
  expect(first.text).toContain("Value: 8.6 °C");
  const second = await heard("second", id, "escalated");
  expect(second.fields["lastedMs"]).toBeGreaterThanOrEqual(climbMs[0]);
  expect(second.text).toMatch(/Nobody has acknowledged this for \d+ s/);
  const third = await heard("third", id, "escalated");
  expect(third.fields["lastedMs"]).toBeGreaterThanOrEqual(climbMs[1]);
  const line = await eventually(
    () => modem.sent.find(({ text }) => text.includes("cold1 is too warm")),
    (sent) => sent !== undefined,
  );
  expect(line).toMatchObject({ number: "+8613800138000" });
  expect(line?.text).toMatch(/^NOT ACKNOWLEDGED cold1 is too warm 8\.6°C/);
  expect(toldOf("first", id).map(({ kind }) => kind)).toEqual(["raised"]);
});

test.concurrent("an acknowledgement on the panel stops it too; of the end those are told who knew of it", async () => {
  const { id } = await raised(2);
  await heard("first", id, "raised");
  expect((await house.post(acknowledgePath(id), { comment: "looking" })).status).toBe(200);
  const third = await heard("third", id, "escalated");
  expect(third.text).toContain("Acknowledged by li");
  expect(third.link).toBeUndefined();
  expect(toldOf("second", id)).toEqual([]);
  house.setTemperature(4, 2);
  for (const receiver of ["first", "third"]) await heard(receiver, id, "returned");
  expect(toldOf("second", id)).toEqual([]);
});

test.concurrent("by the link of a message: looking does nothing, pressing acknowledges once, and a replay is refused", async () => {
  const { id } = await raised(4);
  const link = linkOf(await heard("first", id, "raised"));
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/acknowledge\//);
  for (let look = 0; look < 3; look += 1) {
    const shown = await page(link);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain("cold4 is too warm");
    expect(shown.text).toContain('method="post"');
  }
  expect((await house.alarm("warm4")).acknowledgedBy).toBeUndefined();
  expect(await page(link, "POST")).toMatchObject({ status: 200 });
  expect((await house.alarm("warm4", "acknowledged")).acknowledgedBy).toBe("link first");
  for (const method of ["GET", "POST"]) {
    const refused = await page(link, method);
    expect(refused.status).toBe(410);
    expect(refused.text).toContain("已使用过");
  }
  const third = await heard("third", id, "escalated");
  expect(third.text).toContain("Acknowledged by link first");
  expect(toldOf("second", id)).toEqual([]);
});

test.concurrent("a link that somebody made up, cut, or turned to another alarm does nothing", async () => {
  const { id } = await raised(5);
  const link = linkOf(await heard("first", id, "raised"));
  const [claim = "", signature = ""] = link.slice(link.lastIndexOf("/") + 1).split(".");
  const opened = JSON.parse(Buffer.from(claim, "base64url").toString());
  const other = Buffer.from(JSON.stringify(["warm1#1", ...opened.slice(1)])).toString("base64url");
  const base = link.slice(0, link.lastIndexOf("/") + 1);
  const tokens = [
    `${other}.${signature}`,
    `${claim}.${signature.slice(0, -2)}`,
    `${claim}.`,
    claim,
    "x".repeat(5_000),
    "%00",
  ];
  for (const token of tokens) {
    for (const method of ["GET", "POST"]) {
      const { status } = await page(base + token, method);
      expect([token.slice(0, 40), method, status >= 400 && status < 500]).toEqual([
        token.slice(0, 40),
        method,
        true,
      ]);
    }
  }
  expect((await house.alarm("warm5")).state).toBe("unacknowledged");
});

test.concurrent("a link of an alarm that has returned still acknowledges; one of an alarm that is over says so", async () => {
  const { id } = await raised(6);
  const link = linkOf(await heard("first", id, "raised"));
  house.setTemperature(4, 6);
  await house.alarm("warm6", "returned-unacknowledged");
  const later = linkOf(await heard("second", id, "escalated"));
  expect(await page(link, "POST")).toMatchObject({ status: 200 });
  await eventually(
    () => house.alarms(),
    (alarms) => alarms.every(({ rule: of, state }) => of !== "warm6" || state === "normal"),
  );
  for (const method of ["GET", "POST"]) {
    const { status, text } = await page(later, method);
    expect([method, status]).toEqual([method, 409]);
    expect(text).toContain("已没有需要确认的内容");
  }
});

test.concurrent("an alarm that comes back is another one: the link of the first does not touch it", async () => {
  const { id } = await raised(7);
  const link = linkOf(await heard("first", id, "raised"));
  house.setTemperature(4, 7);
  await house.alarm("warm7", "returned-unacknowledged");
  house.setTemperature(8.9, 7);
  const again = await eventually(
    () => house.alarm("warm7"),
    (alarm) => alarm.id !== id,
  );
  const { status } = await page(link, "POST");
  expect(status).toBe(409);
  expect((await house.alarm("warm7")).id).toBe(again.id);
});
