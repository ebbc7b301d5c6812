import { expect, onTestFinished, test } from "vitest";
import { DeliveryBook } from "../../cloud-sync/push/delivery-book.ts";
import { syncText } from "../../config/language/sync.ts";
import { Courier, type CourierParts } from "../../gateway/courier.ts";
import type { Delivery } from "../../gateway/push/push.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { scratchFolder } from "../support/spine.ts";

test("why an attempt failed reaches the gateway, though it is written after the attempt was counted", () => {
  const { path: dataDir, [Symbol.dispose]: remove } = scratchFolder();
  onTestFinished(remove);
  using book = new DeliveryBook(dataDir, syncText.en);
  const heard: Delivery[] = [];
  const nothing = { events: [], state: new Map() };
  const clock = new ManualClock(Date.UTC(2026, 10, 23));
  // Only what a courier without a modem looks at.
  const parts = {
    config: { gateway: { language: "en" } },
    dataDir,
    desk: {
      settle: (deliveries: readonly Delivery[]) => {
        heard.push(...deliveries);
        return nothing;
      },
      failing: () => [],
    },
    intake: { follow: (work: (instant: unknown) => unknown) => void work({ at: 0, mono: 0 }) },
    store: { outbox: { epoch: "e" } },
    clock,
    log: memoryLog().log,
    health: { report: () => undefined },
  } as unknown as CourierParts;
  using courier = new Courier(parts);
  const row = {
    id: "1-a",
    state: "waiting",
    attempts: 1,
    at: 0,
    triedMs: 0,
    boot: "b",
    mono: 0,
  } as const;
  book.save("e", [row], []);
  courier.step();
  book.save("e", [{ ...row, problem: "status 503" }], []);
  courier.step();
  courier.step();
  expect(heard.map(({ problem }) => problem)).toEqual([undefined, "status 503"]);
});
