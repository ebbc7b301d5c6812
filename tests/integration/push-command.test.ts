import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPushReceiver } from "../support/push-receiver.ts";
import { PushSite } from "../support/push-site.ts";
import { aPush } from "../support/push-world.ts";

const patience = { timeout: 60_000 };
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const env = { RACKWATCH_SECRET_HOOK: secret, RACKWATCH_SECRET_CENTRAL: "a-token" };
const hook = (url: string, more = "") =>
  `notify: { shift: { webhook: { url: "${url}/hook", secret: !secret hook } } }\n${more}`;
const push = (more = {}) => aPush({ channel: "webhook", createdAt: Date.now(), ...more });

test("without any central the sync process delivers pushes, says so to the gateway, and keeps no secret", async () => {
  await using receiver = await startPushReceiver();
  await using site = new PushSite();
  site.configure(hook(receiver.url));
  const first = push();
  site.queue(first);
  const running = site.sync(env);
  await expect.poll(() => site.states().get(first.id)?.state, patience).toBe("delivered");
  receiver.status = 500;
  const second = push();
  site.queue(second);
  await expect.poll(() => site.states().get(second.id)?.problem, patience).toMatch(/status 500/);
  expect(await running.kill("SIGTERM")).toBe(0);
  const kept = running.output() + readFileSync(join(site.dir, "sync/sync.db"), "latin1");
  expect(kept).toContain("agent delivers pushes");
  expect(kept).not.toContain(secret);
  expect(kept).not.toContain(secret.slice(6));
});

test("a central that is down delays no push, and its problem is told apart", async () => {
  await using receiver = await startPushReceiver();
  await using site = new PushSite();
  const central = `sync: { central: "http://127.0.0.1:1", credentials: !secret central }`;
  site.configure(hook(receiver.url, central));
  site.queue(...Array.from({ length: 5 }, () => push()));
  const running = site.sync(env);
  await expect.poll(() => receiver.arrived.length, patience).toBe(5);
  await expect.poll(() => running.output(), patience).toContain("central does not answer");
  expect(site.problems()).toEqual([]);
});

test("--once drains pushes too: exit code 0 when all arrived, 1 and a sentence when not", async () => {
  await using receiver = await startPushReceiver();
  await using site = new PushSite();
  site.configure(hook(receiver.url));
  site.queue(push(), push());
  const done = site.sync(env, "--once");
  expect(await done.exited, done.output()).toBe(0);
  expect(receiver.arrived).toHaveLength(2);
  receiver.status = 503;
  site.queue(push());
  const failed = site.sync(env, "--once");
  expect(await failed.exited).toBe(1);
  expect(failed.output()).toContain("not every message to receivers could be delivered");
});

test("neither central nor a receiver on the network: nothing to send; the SIM's PIN is not the agent's to know", async () => {
  await using site = new PushSite();
  const sms = 'sms: { port: "serial:/dev/ttyUSB9", pin: !secret sim }';
  site.configure(`notify: { shift: { sms: ["+8613800138000"] } }\n${sms}`);
  const running = site.sync(env, "--once");
  expect(await running.exited).not.toBe(0);
  expect(running.output()).toContain("no sync: section");
});
