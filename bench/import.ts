import { readImport } from "../gateway/stock/import/read-import.ts";
import { importFacts } from "../tests/support/import-world.ts";

/**
 * A file of a million movements, every hundredth row bad: time, memory above that of the program, and the longest that the
 * event loop stood still. Nothing is booked. Prints one JSON line.
 */
const rowsCount = Number(process.argv[2] ?? 1_000_000);
const rowsAtOnce = 1_000;

function* file(): Generator<Buffer> {
  yield Buffer.from("kind,sku,location,quantity,batch,note\n");
  for (let from = 0; from < rowsCount; from += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, rowsCount - from) }, (_, at) => {
      const nth = from + at;
      return `issue,screws,shelf-a1,${nth % 100 === 42 ? -1 : (nth % 9) + 1},L${nth % 500},row ${nth}\n`;
    });
    yield Buffer.from(rows.join(""));
  }
}

async function* content(): AsyncGenerator<Buffer> {
  yield* file();
}

globalThis.gc?.();
const idle = process.memoryUsage().rss;
let [peak, longestMs, last] = [idle, 0, performance.now()];
const watch = setInterval(() => {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - last - 5);
  last = now;
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5);
const [began, cpu] = [performance.now(), process.cpuUsage()];
let [good, bad] = [0, 0];
for await (const batch of readImport("movements", content(), importFacts())) {
  good += batch.rows.length;
  bad += batch.bad.length + batch.badMore;
}
clearInterval(watch);
const used = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    bench: "import",
    ...{ rows: rowsCount, good, bad },
    seconds: Math.round((performance.now() - began) / 100) / 10,
    cpuMicrosPerRow: Math.round((used.user + used.system) / rowsCount),
    memoryAboveIdleMb: Math.round((peak - idle) / 1e6),
    rssPeakMb: Math.round(peak / 1e6),
    loopStoodMs: Math.round(longestMs),
  }),
);
