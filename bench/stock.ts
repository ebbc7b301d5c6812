/**
 * The whole gateway as a process with 10,000 stocked items (200 of the configuration, the others imported), 50 shelves that weigh at
 * 1 Hz and a reader of 100 tags at 100 reads a second: imports, start, memory, processor, and how long a movement takes until stock and its
 * warning stand on the API. Then its data folder in this process: restoring, all warnings anew, midnight, reviews.
 * Prints one JSON line a figure.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { buildProgram } from "../cloud-sync/build.ts";
import { startReaderSimulator } from "../drivers/rfid/simulator.ts";
import { TagField } from "../drivers/rfid/tag-field.ts";
import { mtSics } from "../drivers/scale/mt-sics.ts";
import { startScaleSimulator } from "../drivers/scale/simulator.ts";
import { stockPageSchema } from "../gateway/panel/stock-api.ts";
import { quantiles, worstStopMs } from "./measured.ts";
import { cpuS, rssMb } from "./process.ts";
import { noise } from "./slow-sensors.ts";
import { restoredFigures } from "./stock-restored.ts";

const itemsCount = 10_000;
const writtenCount = 200;
const shelvesCount = 50;
const roomsCount = 200;
const tagsCount = 100;
const issuesPerItem = 4;
const singlesCount = 200;
const picksCount = 50;
const rowsPerFile = 10_000;
const dayMs = 86_400_000;
const importedSchema = z.object({ landed: z.number(), bad: z.array(z.unknown()) });
/** As `stock.settle` and `stock.confirm` have it unless told. */
const waitMs = 1_500 + 5_000;
const panel = "http://127.0.0.1:18493";
/** As in systemd/rackwatch-gateway.service (docs/decisions/0005-memory.md). */
const unitFlags = ["--max-semi-space-size=1", "--max-old-space-size=192"];
const unitEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };
const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
const dataDir = join(folder, "data");
const configFile = join(folder, "gateway.yaml");
const delayFile = join(folder, "loop.jsonl");
const dist = fileURLToPath(new URL("../dist/bench-stock", import.meta.url));
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

const itemOf = (index: number) => `item-${index}`;
const placeOf = (index: number) =>
  index < shelvesCount ? `shelf-${index}` : `room-${index % roomsCount}`;
const epcOf = (index: number) => `E2801170${String(index).padStart(16, "0")}`;

function say(name: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: "stock", name, ...figures })}\n`);
}

function yaml(scales: readonly string[], reader: string): string {
  const count = <T>(length: number, line: (index: number) => T) =>
    Array.from({ length }, (_, index) => line(index));
  return `version: 1
gateway: { id: bench, timezone: Asia/Shanghai }
channels:
${scales.map((port, index) => `  c${index}: { driver: scale, port: "${port}", protocol: mt-sics, devices: { d${index}: { every: 1s } } }`).join("\n")}
  reader: { driver: rfid, port: "${reader}", protocol: r200, region: EU, devices: { cabinet: {} } }
locations:
${count(shelvesCount, (at) => `  shelf-${at}: { kind: shelf, weight: d${at}/weight }`).join("\n")}
${count(roomsCount, (at) => `  room-${at}: { kind: room }`).join("\n")}
  cabinet: { kind: rack, tags: cabinet/tags }
items:
${count(writtenCount, (at) => `  ${itemOf(at)}: { location: ${at === writtenCount - 1 ? "cabinet" : placeOf(at)}, unitWeight: 20 g, min: 20, max: 400, leadTime: 5d }`).join("\n")}
panel: { listen: "${panel.slice("http://".length)}" }
broker: { listen: "127.0.0.1:18494" }
`;
}

let setupCode = "";
let cookie = "";

function startGateway(program: string) {
  const startedAt = performance.now();
  const loopDelay = fileURLToPath(new URL("loop-delay.ts", import.meta.url));
  const profile = process.argv.includes("profile")
    ? ["--cpu-prof", `--cpu-prof-dir=${process.cwd()}`]
    : [];
  const child = spawn(
    process.execPath,
    [
      ...[...unitFlags, ...profile, "--import", loopDelay, program],
      ...["run", "--config", configFile, "--data", dataDir],
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...unitEnv, LOOP_DELAY_FILE: delayFile },
    },
  );
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  child.once("exit", (code) => code !== 0 && process.exit(1));
  const runs = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    setupCode = /"setupCode":"([^"]+)"/.exec(line)?.[1] ?? setupCode;
    if (line.includes('"gateway runs"')) runs.resolve(performance.now() - startedAt);
    if (/"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    startedAt,
    runs: runs.promise,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function post(path: string, body: string, type = "application/json") {
  const answer = await fetch(panel + path, {
    method: "POST",
    headers: { "content-type": type, origin: panel, cookie },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
  return text;
}

/** Waits until the panel answers. @returns when it did. */
async function answered(): Promise<number> {
  for (;;) {
    const answer = await fetch(`${panel}/api/stock?limit=1`).catch(() => undefined);
    if (answer?.ok === true) return performance.now();
    await pause(5);
  }
}

async function stock(query: string) {
  return stockPageSchema.parse(await (await fetch(`${panel}/api/stock?${query}`)).json());
}

async function imported(kind: string, heading: string, rows: readonly string[], pid: number) {
  const from = Date.now();
  const cpu = cpuS(pid);
  let [landed, bad] = [0, 0];
  // The client of this program gives up a request after five minutes.
  for (let at = 0; at < rows.length; at += rowsPerFile) {
    const csv = [heading, ...rows.slice(at, at + rowsPerFile)].join("\n");
    const text = await post(`/api/stock/import/${kind}?name=bench.csv`, csv, "text/csv");
    const result = importedSchema.parse(JSON.parse(text));
    landed += result.landed;
    bad += result.bad.length;
  }
  const tookS = (Date.now() - from) / 1_000;
  await pause(1_100);
  say(`import of ${kind}`, {
    ...{ rows: rows.length, landed, bad },
    tookS: Number(tookS.toFixed(1)),
    rowsPerS: Math.round(rows.length / tookS),
    cpuUsPerRow: Math.round(((cpuS(pid) - cpu) / rows.length) * 1e6),
    worstStopMs: worstStopMs(delayFile, from),
    rssMb: rssMb(pid),
  });
}

async function fill(pid: number): Promise<void> {
  await answered();
  await post(
    "/api/setup",
    JSON.stringify({ code: setupCode, user: "li", password: "a long password" }),
  );
  const random = noise(7);
  const all = Array.from({ length: itemsCount }, (_, index) => index);
  const others = all.slice(writtenCount);
  await imported(
    "items",
    "sku,name,location,min,max,lead_days",
    others.map((at) => `${itemOf(at)},Article ${at},${placeOf(at)},20,400,5`),
    pid,
  );
  const counted = all.filter((at) => at >= shelvesCount && at !== writtenCount - 1);
  const now = Date.now();
  const time = (daysAgo: number) => new Date(now - daysAgo * dayMs).toISOString();
  await imported(
    "movements",
    "kind,sku,location,quantity,batch,expiry,time,key",
    [
      ...counted.map(
        (at) => `receipt,${itemOf(at)},${placeOf(at)},200,L1,2027-12-31,${time(60)},r${at}`,
      ),
      ...counted.flatMap((at) =>
        Array.from({ length: issuesPerItem }, (_, nth) => {
          const quantity = 1 + Math.floor(random() * 6);
          return `issue,${itemOf(at)},${placeOf(at)},${quantity},,,${time(59 - nth * 7 - random() * 3)},i${at}-${nth}`;
        }),
      ),
    ],
    pid,
  );
  await imported(
    "tags",
    "epc,sku",
    Array.from({ length: tagsCount }, (_, at) => `${epcOf(at)},${itemOf(writtenCount - 1)}`),
    pid,
  );
}

/** From the answer's request to the stock and its warning on the API. */
async function issue(index: number): Promise<number> {
  const [item, location] = [itemOf(index), placeOf(index)];
  const { quantity = 0 } = (await stock(`item=${item}`)).stock[0] ?? {};
  const asked = performance.now();
  await post(
    "/api/stock/bookings",
    JSON.stringify({ kind: "issue", item, location, quantity: quantity - 5 }),
  );
  for (;;) {
    const view = (await stock(`item=${item}`)).stock[0];
    if (view?.quantity === 5 && view.warnings.includes("below-minimum")) break;
    if (performance.now() - asked > 10_000) throw new Error(`${item}: ${JSON.stringify(view)}`);
    await pause(1);
  }
  return performance.now() - asked;
}

const scales = await Promise.all(
  Array.from({ length: shelvesCount }, () =>
    startScaleSimulator({ protocol: mtSics, load: { weight: 2 } }),
  ),
);

/** A pick; what it takes beyond the time in which a shelf must rest and a pick can be undone. */
async function pick(index: number): Promise<number> {
  const scale = scales[index]?.scale;
  const before = (await stock(`item=${itemOf(index)}`)).stock[0]?.quantity ?? Number.NaN;
  scale?.set({ moving: true, weight: 2.3 });
  await pause(1_200);
  scale?.set({ moving: false, weight: 2 - 0.02 * 90 });
  const asked = performance.now();
  await pause(waitMs - 100);
  for (;;) {
    const view = (await stock(`item=${itemOf(index)}`)).stock[0];
    if (view?.quantity === before - 90 && view.warnings.includes("below-minimum")) break;
    if (performance.now() - asked > 30_000) throw new Error(`${index}: ${JSON.stringify(view)}`);
    await pause(10);
  }
  return performance.now() - asked - waitMs;
}

const field = new TagField(
  Array.from({ length: tagsCount }, (_, at) => ({ epc: epcOf(at) })),
  { readsPerSecond: 100 },
);
const reader = await startReaderSimulator({ protocol: "r200", field });
try {
  writeFileSync(
    configFile,
    yaml(
      scales.map(({ address }) => address),
      reader.address,
    ),
  );
  const program = await buildProgram(dist);
  const first = startGateway(program);
  await fill(first.pid);
  await first.stop();

  const from = Date.now();
  const gateway = startGateway(program);
  const runsMs = await gateway.runs;
  const apiMs = (await answered()) - gateway.startedAt;
  await pause(10_000);
  say("start with 10,000 items", {
    runsMs: Math.round(runsMs),
    apiMs: Math.round(apiMs),
    worstStopMs: worstStopMs(delayFile, from),
    rssMb: rssMb(gateway.pid),
    databaseMb: Math.round(statSync(join(dataDir, "gateway.db")).size / 1e6),
  });
  const calmFrom = Date.now();
  const before = cpuS(gateway.pid);
  await pause(30_000);
  say("calm: 50 shelves at 1 Hz, 100 reads/s, a review a tick", {
    cpuPercent: Number((((cpuS(gateway.pid) - before) / (Date.now() - calmFrom)) * 1e5).toFixed(1)),
    rssMb: rssMb(gateway.pid),
    worstStopMs: worstStopMs(delayFile, calmFrom),
  });
  const bookedFrom = Date.now();
  const singles: number[] = [];
  for (let index = 0; index < singlesCount; index += 1) {
    singles.push(await issue(writtenCount + index * 7));
  }
  say("booking to stock and warning on the API", {
    ...quantiles(singles),
    worstStopMs: worstStopMs(delayFile, bookedFrom),
  });
  const picks = await Promise.all(
    Array.from({ length: picksCount }, async (_, index) => {
      await pause(index * 1_000);
      return pick(index);
    }),
  );
  say("pick to stock and warning on the API, beyond settling and confirming", quantiles(picks));
  const pages: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const asked = performance.now();
    await stock("limit=1000");
    pages.push(performance.now() - asked);
  }
  say("page of 1,000 lines", { ...quantiles(pages), rssMb: rssMb(gateway.pid) });
  await gateway.stop();
  for (const figures of restoredFigures(configFile, dataDir)) say(figures.name, figures);
} finally {
  for (const simulator of [...scales, reader]) await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(dist, { recursive: true, force: true });
}
