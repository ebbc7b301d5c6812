import { expect, test } from "vitest";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startPushReceiver } from "../support/push-receiver.ts";
import { PushSite } from "../support/push-site.ts";
import { aPush } from "../support/push-world.ts";

const patience = { timeout: 60_000, interval: 100 };
const env = {
  RACKWATCH_SECRET_HOOK: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  RACKWATCH_SECRET_CENTRAL: "a-token-of-the-gateway",
};
const hook = (name: string, url: string) =>
  `  ${name}: { webhook: { url: "${url}/hook", secret: !secret hook } }`;
const push = (receiver: string) =>
  aPush({
    receiver,
    channel: "webhook",
    createdAt: Date.now(),
    id: `${receiver}-${Math.random()}`,
  });

test("a receiver who is added while the agent runs gets his first push, even where it was queued before the agent knew him", async () => {
  await using receiver = await startPushReceiver();
  await using site = new PushSite();
  site.configure(`notify:\n${hook("shift", receiver.url)}`);
  const running = site.sync(env);
  const known = push("shift");
  site.queue(known);
  await expect.poll(() => site.states().get(known.id)?.state, patience).toBe("delivered");
  const fresh = push("boss");
  site.queue(fresh);
  await expect.poll(() => site.states().get(fresh.id)?.state, patience).toBe("waiting");
  site.configure(`notify:\n${hook("shift", receiver.url)}\n${hook("boss", receiver.url)}`);
  await expect.poll(() => site.states().get(fresh.id)?.state, patience).toBe("delivered");
  expect(receiver.arrived).toHaveLength(2);
  expect(running.output()).toContain('"anew":["pushes"]');
});

test("a file that is wrong, or another gateway's, changes nothing and is said; the next right one is followed", async () => {
  await using receiver = await startPushReceiver();
  await using moved = await startPushReceiver();
  await using site = new PushSite();
  site.configure(`notify:\n${hook("shift", receiver.url)}`);
  const running = site.sync(env);
  await expect.poll(() => running.output(), patience).toContain("agent delivers pushes");
  site.configure(`notify:\n${hook("shift", moved.url)}\nruels: {}`);
  await expect.poll(() => running.output(), patience).toContain('\\"ruels\\"');
  const first = push("shift");
  site.queue(first);
  await expect.poll(() => site.states().get(first.id)?.state, patience).toBe("delivered");
  expect([receiver.arrived.length, moved.arrived.length]).toEqual([1, 0]);
  site.configure(`notify:\n${hook("shift", moved.url)}`);
  await expect.poll(() => running.output(), patience).toContain('"anew":["pushes"]');
  const second = push("shift");
  site.queue(second);
  await expect.poll(() => site.states().get(second.id)?.state, patience).toBe("delivered");
  expect([receiver.arrived.length, moved.arrived.length]).toEqual([1, 1]);
  site.configure(`notify: {}`, "gw-2");
  await expect.poll(() => running.output(), patience).toContain("of the gateway gw-2");
  expect(await running.kill("SIGTERM")).toBe(0);
}, 240_000);

test("central's address that changes while the agent runs is followed, and pushes do not notice", async () => {
  await using receiver = await startPushReceiver();
  await using database = await openPglite();
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    gateways: [{ id: "gw-1", token: env.RACKWATCH_SECRET_CENTRAL }],
  });
  await using _ended = { [Symbol.asyncDispose]: () => central.stop() };
  await using site = new PushSite();
  const notify = `notify:\n${hook("shift", receiver.url)}`;
  const sync = (address: string) =>
    `sync: { central: "${address}", credentials: !secret central }\n${notify}`;
  site.configure(sync("http://127.0.0.1:1"));
  site.queue(push("shift"));
  const running = site.sync(env);
  await expect.poll(() => running.output(), patience).toContain("central does not answer");
  site.configure(sync(central.address));
  const lastSeen = async () => {
    const [row] = await database.query("SELECT count(*)::int AS rows FROM epoch", []);
    return row?.["rows"];
  };
  await expect.poll(lastSeen, patience).toBeGreaterThan(0);
  await expect.poll(() => receiver.arrived.length, patience).toBe(1);
  expect(running.output()).toContain('"anew":["roads"]');
  expect(running.output().split("agent delivers pushes")).toHaveLength(2);
  expect(await running.kill("SIGTERM")).toBe(0);
});
