import { writeSync } from "node:fs";
import type { Clock, Log, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { openStore } from "../../gateway/store/open-store.ts";

/**
 * A process that commits until it is killed: 20 samples (each value is its own sequence number), an event and a state
 * a time, merging now and then. Prints `events samples` after each commit that returned. Arguments: folder, number of
 * commits (0: for ever). After a failure it heals and tries the same commit again.
 */
const [dir = "", commits = "0"] = process.argv.slice(2);

const clock: Clock = {
  now: Date.now,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};
const silent: Log = { child: () => silent, debug() {}, info() {}, warn() {}, error() {} };
const limits = { ballastBytes: 65_536, freeBytesMin: 0, chunkRowsMax: 200 };

function samplesAfter(head: number): Sample[] {
  return Array.from({ length: 20 }, (_, row) => ({
    point: `room-${row}/temperature`,
    sampledAt: clock.now(),
    quality: "good",
    value: head + row + 1,
  }));
}

try {
  using store = openStore({ dir, gatewayId: "gw-1", clock, log: silent, limits }).store;
  for (let turn = 1; commits === "0" || turn <= Number(commits); turn += 1) {
    const n = store.outbox.head("events") + 1;
    const commit = {
      clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
      samples: samplesAfter(store.outbox.head("samples")),
      events: [{ kind: "audit", at: clock.now(), mono: 0, body: { n } }],
      state: new Map([["n", n]]),
    } as const;
    try {
      store.commit(commit);
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      writeSync(1, `failed ${error.code} healed ${store.heal()}\n`);
      store.commit(commit);
    }
    writeSync(1, `${store.outbox.head("events")} ${store.outbox.head("samples")}\n`);
    if (turn % 7 === 0) store.prune(clock.now());
    store.merge();
  }
} catch (error) {
  writeSync(2, error instanceof RackwatchError ? `${error.code}\n` : String(error));
  process.exitCode = 3;
}
