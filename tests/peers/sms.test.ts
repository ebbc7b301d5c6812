import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { guard, hurried, patience, push, short, smsRig } from "../support/sms-rig.ts";

const noise = ["RING", '+CMTI: "SM",1', "^RSSI: 18", '+QIND: "csq",18,99', "+CREG: 1"];

test("a message arrives through echo and unsolicited lines, byte by byte, and the signal is known", async (context) => {
  const it = await smsRig(context, { echo: true, unsolicited: noise, bytewise: true });
  it.queue.push(push("a"));
  const { line } = it.start(systemClock);
  await it.delivered("a");
  expect(it.modem.sent).toEqual([{ number: guard, text: `${short} a` }]);
  expect(it.deliveries.get("a")).toMatchObject({ attempts: 1 });
  expect(line.status()).toEqual({ registration: "home", signalDbm: -77 });
  expect(it.problems.at(-1)).toBeUndefined();
  it.queue.push(push("b", 1));
  line.wake();
  await it.delivered("b");
  expect(it.modem.sent[1]?.number).toBe("+8613900139000");
});

test("a modem without text mode gets the same message as a PDU", async (context) => {
  const it = await smsRig(context, { textMode: false });
  it.queue.push(push("a"));
  it.start(systemClock);
  await it.delivered("a");
  expect(it.modem.sent).toMatchObject([{ number: guard, text: `${short} a` }]);
});

test("a modem that powers up late is waited for, and garbage before it does no harm", async (context) => {
  const it = await smsRig(context, { bootMs: 3_000 });
  it.queue.push(push("a"));
  it.start(systemClock);
  it.modem.babble(new Uint8Array(38_500).fill(0x55));
  await it.delivered("a");
  expect(it.modem.sent).toHaveLength(1);
});

test("a network that refuses is tried again, a number that does not exist is given up", async (context) => {
  const refusals = ["+CMS ERROR: 38", "+CMS ERROR: 500", "+CMS ERROR: 1"];
  const it = await smsRig(context, { refusals });
  it.queue.push(push("a"));
  const { line } = it.start(hurried);
  await expect.poll(() => it.deliveries.get("a")?.state, patience).toBe("dead");
  expect(it.deliveries.get("a")).toMatchObject({
    attempts: 3,
    problem: "The network knows no such number (+CMS ERROR 1)",
  });
  it.queue.push(push("b"));
  line.wake();
  await it.delivered("b");
  expect(it.modem.sent).toHaveLength(1);
});

test("the PIN is said once, and the message leaves", async (context) => {
  const it = await smsRig(context, { sim: "pin" });
  it.queue.push(push("a"));
  it.start(hurried, "1234");
  await it.delivered("a");
  expect(it.modem.commands.filter((command) => command.startsWith("AT+CPIN="))).toHaveLength(1);
  expect(it.marks.kept).toBeUndefined();
});

test("a PIN that is refused is never said again, not even by the next start", async (context) => {
  const it = await smsRig(context, { sim: "pin", pin: "9999" });
  it.queue.push(push("a"));
  const first = it.start(hurried, "1234");
  await expect.poll(() => it.modem.pinTries, patience).toBe(2);
  await expect.poll(() => it.problems.at(-1)?.code, patience).toBe("sms/pin");
  await first.end();
  const looks = () => it.modem.commands.filter((command) => command === "AT+CPIN?").length;
  const before = looks();
  const second = it.start(hurried, "1234");
  await expect.poll(looks, patience).toBeGreaterThan(before + 3);
  expect(it.modem.pinTries).toBe(2);
  expect(it.problems.at(-1)?.message).toContain("refused the PIN");
  await second.end();
  it.start(hurried, "9999");
  await it.delivered("a");
});

test("a locked SIM, a missing SIM and a missing network are said, and end by themselves", async (context) => {
  const it = await smsRig(context, { sim: "puk" });
  it.queue.push(push("a"));
  it.start(hurried, "1234");
  const said = () => it.problems.at(-1)?.message;
  await expect.poll(said, patience).toBe("The SIM is locked and wants its PUK");
  it.modem.manners.sim = "missing";
  await expect.poll(said, patience).toBe("The modem finds no SIM");
  it.modem.manners.sim = "ready";
  it.modem.manners.registration = "0,2";
  await expect.poll(said, patience).toBe("The modem has found no network");
  expect(it.modem.sent).toEqual([]);
  it.modem.manners.registration = '2,5,"1A2B","01C3D4",7';
  await it.delivered("a");
  expect(it.modem.commands.some((command) => command.startsWith("AT+CPIN="))).toBe(false);
});

test("pulled out and plugged in again, the modem sends what came meanwhile", async (context) => {
  const it = await smsRig(context);
  it.queue.push(push("a"));
  const { line } = it.start(systemClock);
  await it.delivered("a");
  await it.pull();
  await expect.poll(() => it.problems.at(-1)?.code, patience).toMatch(/^driver\//);
  expect(line.status()).toBeUndefined();
  it.queue.push(push("b"));
  await it.replug();
  await it.delivered("b");
  expect(it.modem.sent.map(({ text }) => text)).toEqual([`${short} a`, `${short} b`]);
  expect(it.problems.at(-1)).toBeUndefined();
});
