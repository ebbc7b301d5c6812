import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { through } from "./rfid-through-rig.ts";

const limit = { timeout: 60_000 };

/** At 1.4 reads a second each, many of 500 tags go unread for longer than `hold` in that time. */
const watchedMs = 13_000;

const tags = Array.from({ length: 500 }, (_, index) => ({
  epc: `E2000000${String(index).padStart(16, "0")}`,
}));

// One after the other would take too long: here all three readers are in the hands of one gateway.
test(
  "500 tags at 700 reads/s before each of three readers: all are present and none is lost",
  limit,
  async () => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const protocols = ["r200", "thingmagic", "llrp"];
    const channel = { presence: { within: "5s" }, devices: { gate: {} } };
    const readers = await Promise.all(
      protocols.map((protocol) => through({ protocol, tags, readsPerSecond: 700, channel })),
    );
    for (const { until } of readers) await until("gate/count", { quality: "good", value: 500 });
    await sleep(watchedMs);
    for (const { runner } of readers) {
      expect(runner.ends).toEqual([]);
      expect(runner.samples.filter(({ point }) => point === "gate/left")).toEqual([]);
    }
    for (const { until } of readers) await until("gate/count", { quality: "good", value: 500 });
    delay.disable();
    expect(delay.percentile(99) / 1e6).toBeLessThan(200);
  },
);
