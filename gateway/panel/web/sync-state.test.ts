import { expect, test } from "vitest";
import type { SyncView } from "../api.ts";
import { syncState } from "./sync-state.ts";

const now = 10_000_000;
const lane = { head: 100, cursor: 100, backlog: 0 };
const sync: SyncView = {
  configured: true,
  epoch: "e",
  lanes: { events: lane, samples: lane },
  lastContactAt: now - 5_000,
};
const behind = (oldestAt: number) => ({
  events: lane,
  samples: { head: 150, cursor: 100, backlog: 50, oldestAt },
});

test("rows that are on their way as usual do not look like trouble", () => {
  expect(syncState(sync, now)).toBe("up-to-date");
  expect(syncState({ ...sync, lanes: behind(now - 15_000) }, now)).toBe("up-to-date");
});

test("nothing to send for hours is no outage", () => {
  expect(syncState({ ...sync, lastContactAt: now - 3_600_000 }, now)).toBe("up-to-date");
});

test("a backlog that is drained is being sent, one that nobody fetches is offline", () => {
  const lanes = behind(now - 3_600_000);
  expect(syncState({ ...sync, lanes }, now)).toBe("sending");
  expect(syncState({ ...sync, lanes, lastContactAt: now - 600_000 }, now)).toBe("offline");
  expect(syncState({ ...sync, problem: "refused" }, now)).toBe("offline");
});

test("without a central there is nothing to be offline from", () => {
  expect(syncState({ ...sync, configured: false, lanes: behind(0) }, now)).toBe("alone");
  const { lastContactAt: _, ...never } = sync;
  expect(syncState(never, now)).toBe("waiting");
  expect(syncState({ ...never, problem: "refused" }, now)).toBe("offline");
});
