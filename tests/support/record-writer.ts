import { writeSync } from "node:fs";
import type { Clock, Log, PointKey, Sample } from "../../drivers/contract.ts";
import { RecordBook } from "../../gateway/record/record-book.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { recordPoint, recordSample, recordSettings } from "./record-world.ts";

/**
 * A process that commits one sample a time to gateway.db and lets history.db follow, until it is killed or has
 * committed as many as its second argument says; then it writes what waits. Prints a line after each commit. Its
 * monotonic clock runs a second a commit, so that history.db is written every thirty commits.
 */
const [dir = "", total = "0"] = process.argv.slice(2);

let mono = 0;
const clock: Clock = { now: Date.now, monotonicMs: () => mono, sleep: () => Promise.resolve() };
const silent: Log = { child: () => silent, debug() {}, info() {}, warn() {}, error() {} };
const limits = { ballastBytes: 65_536, freeBytesMin: 0, chunkRowsMax: 200 };

using store = openStore({ dir, gatewayId: "gw-1", clock, log: silent, limits }).store;
const settings = new Map<PointKey, typeof recordSettings>([[recordPoint, recordSettings]]);
using book = new RecordBook({ dir, clock, log: silent, settings, outbox: store.outbox });
for (let index = store.outbox.head("samples"); total === "0" || index < Number(total); index += 1) {
  mono += 1_000;
  const samples: readonly Sample[] = [recordSample(index)];
  store.commit({
    clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
    samples,
    events: [],
    state: new Map(),
  });
  book.committed(samples, "synchronized");
  book.step();
  if (index % 200 === 199) store.prune(clock.now());
  store.merge();
  writeSync(1, `${index}\n`);
}
book.flush();
