import { expect, test } from "vitest";
import { hurried, patience, push, smsRig } from "../support/sms-rig.ts";

test("a modem that answers no command is reset, and then sends", async (context) => {
  const it = await smsRig(context, { hangs: "command", bootMs: 200 });
  it.queue.push(push("a"));
  it.start(hurried);
  await it.delivered("a");
  expect(it.modem.resets).toBe(1);
  expect(it.problems.at(-1)).toBeUndefined();
});

test("a modem that swallows texts is reset at the second time, and nothing is lost", async (context) => {
  const it = await smsRig(context, { hangs: "text" });
  it.queue.push(push("a"), push("b"));
  it.start(hurried);
  await it.delivered("a");
  await it.delivered("b");
  expect(it.modem.resets).toBe(1);
  expect(it.problems.some((problem) => problem?.code === "sms/no-answer")).toBe(true);
  expect(it.problems.at(-1)).toBeUndefined();
});

test("a modem that not even a reset brings back has its port opened anew", async (context) => {
  const it = await smsRig(context, { hangs: "all" });
  it.queue.push(push("a"));
  it.start(hurried);
  const resets = () => it.modem.commands.filter((command) => command === "AT+CFUN=1,1").length;
  await expect.poll(resets, patience).toBeGreaterThanOrEqual(2);
  it.modem.manners.hangs = "no";
  await it.delivered("a");
});
