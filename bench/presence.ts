/**
 * Cost of a tag's read in the field of a reader: 500 tags on 4 antennas in 2 places, 700 reads a second, for 20 minutes of
 * reader time; prints one JSON line. Everything from the event of the link to the samples is in it.
 */
import type { ReaderEvent } from "../drivers/rfid/protocol.ts";
import { Field } from "../drivers/rfid/session-field.ts";
import { noise } from "./slow-sensors.ts";

const tagsCount = 500;
const readsPerSecond = 700;
const seconds = 1_200;
const batchesPerSecond = 20;

const field = new Field({
  presence: {
    reads: 2,
    withinMs: 5_000,
    holdMs: 3_000,
    isAdaptive: true,
    minRssi: -75,
    margin: 4,
  },
  zones: [
    { device: "left", antennas: [1, 2], everyMs: 1_000 },
    { device: "right", antennas: [3, 4], everyMs: 1_000 },
  ],
  uriOf: ({ epc }) => epc,
});
const epcs = Array.from({ length: tagsCount }, (_, tag) => `30${String(tag).padStart(22, "0")}`);
const random = noise(42);

const batches = Array.from({ length: 997 }, () =>
  Array.from({ length: readsPerSecond / batchesPerSecond }, (): ReaderEvent => {
    const tag = Math.floor(random() * tagsCount);
    const antenna = 1 + Math.floor(random() * 4);
    const rssiDbm = -50 - Math.round(random() * 8) - (antenna > 2 === tag > 250 ? 0 : 10);
    return { is: "read", read: { epc: epcs[tag] ?? "", antenna, rssiDbm } };
  }),
);

let samples = 0;
let left = 0;
let worstMs = 0;
const before = process.cpuUsage();
for (let batch = 0; batch < seconds * batchesPerSecond; batch += 1) {
  const at = {
    monotonicMs: (batch * 1_000) / batchesPerSecond,
    now: 1_700_000_000_000 + batch * 50,
  };
  const startMs = performance.now();
  field.absorb(batches[batch % batches.length] ?? [], at);
  const told = field.take(at);
  worstMs = Math.max(worstMs, performance.now() - startMs);
  samples += told.length;
  left += told.filter(({ point }) => point.endsWith("/left")).length;
}
const { user, system } = process.cpuUsage(before);
const reads = seconds * readsPerSecond;
console.log(
  JSON.stringify({
    bench: "presence",
    tags: tagsCount,
    readsPerSecond,
    microsecondsPerRead: Number(((user + system) / reads).toFixed(2)),
    processorShare: Number(((user + system) / (seconds * 1e6)).toFixed(4)),
    longestBatchMs: Number(worstMs.toFixed(1)),
    samples,
    left,
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
  }),
);
