import { expect, test } from "vitest";
import { startPushReceiver } from "../support/push-receiver.ts";
import { PushSite } from "../support/push-site.ts";
import { aPush } from "../support/push-world.ts";

const kills = 5;
const patience = { timeout: 120_000, interval: 50 };

test("the sync process killed with -9 while it delivers: every push arrives, repeated ones with the same id", async () => {
  await using receiver = await startPushReceiver();
  await using site = new PushSite();
  site.configure(`notify: { shift: { webhook: { url: "${receiver.url}/hook" } } }`);
  receiver.delayMs = 20;
  const ids: string[] = [];
  for (let turn = 0; turn < kills; turn += 1) {
    const pushes = Array.from({ length: 8 }, () =>
      aPush({ channel: "webhook", createdAt: Date.now() }),
    );
    site.queue(...pushes);
    ids.push(...pushes.map(({ id }) => id));
    const running = site.sync();
    const before = receiver.arrived.length;
    await expect.poll(() => receiver.arrived.length, patience).toBeGreaterThan(before + (turn % 4));
    await running.kill("SIGKILL");
  }
  site.sync();
  const missing = () => ids.filter((id) => site.states().get(id)?.state !== "delivered");
  await expect.poll(missing, patience).toEqual([]);
  expect(new Set(receiver.arrived.map(({ push }) => push))).toEqual(new Set(ids));
  expect(new Set(receiver.arrived.map(({ id }) => id)).size).toBe(ids.length);
  // A kill repeats what was under way, one message to this receiver, and no more.
  expect(receiver.arrived.length).toBeLessThanOrEqual(ids.length + kills);
});
