import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { GatewayRow } from "../../cloud-sync/central/api.ts";
import type { Letter } from "../../cloud-sync/demo/inbox.ts";
import type {
  AlarmView,
  NoticeView,
  OutputView,
  PointView,
  SyncView,
} from "../../gateway/panel/api.ts";
import type { StockPage, StockView } from "../../gateway/panel/stock-api.ts";
import { eventually, getJson, scratchFolder } from "../support/spine.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));

/** A process that is gone, or was never there. */
function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`);
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** Of every kind of device in it. */
const shown = [
  ...["cold-1/temperature", "cold-2/humidity", "doors/cold-1", "shelf-a1/weight"],
  ...["shelf-b4/weight", "tags-b3/count"],
  ...["gate-in/count", "gate-in/last-uri", "air/pressure", "air/beacon"],
];

const receivers: readonly (readonly [way: string, to: string])[] = [
  ["SMS", "+8613800138000"],
  ["ntfy", "cold-store"],
  ["DingTalk", "group"],
  ["webhook", "systems"],
  ["SMS", "+8613900139000"],
  ["e-mail", "manager@example.com"],
];

/** What `npm start` is to show of stock. */
const stockShown: Readonly<Record<string, (all: readonly StockView[]) => boolean>> = {
  "a shelf below its reorder point": (all) =>
    all.some(({ state, position, reorderPoint = 0, warnings }) => {
      const isBelow = state === "below-reorder" && position <= reorderPoint;
      return isBelow && warnings.includes("below-reorder");
    }),
  "a stock-out ahead, with its probability": (all) =>
    all.some(({ stockOutAt = 0, stockOutProbability = 0, warnings, quantity }) => {
      const isAhead = quantity > 0 && stockOutAt > Date.now() && stockOutProbability > 0.5;
      return isAhead && warnings.includes("stock-out-ahead");
    }),
  "a lot that expires within days": (all) =>
    all.some(({ warnings, lots }) => {
      const isNear = lots.some(({ daysLeft = 99, quantity }) => daysLeft < 8 && quantity > 0);
      return isNear && warnings.includes("near-expiry");
    }),
  "a loss that nobody can explain": (all) =>
    all.some(({ location, warnings }) => {
      return location === "shelf-b3" && warnings.includes("unexplained-loss");
    }),
  "pallets that came through the gate": (all) =>
    all.some(({ item, movedAt = 0 }) => item === "saline" && movedAt > Date.now() - 300_000),
};

test("the demo: live values of every device, an alarm soon, stock that runs low, expires and disappears, told in every way, rows at central, and Ctrl-C twice ends all of it", async () => {
  using scratch = scratchFolder();
  const demo = spawn(process.execPath, [rackwatch, "demo", "--no-build"], {
    env: { ...process.env, TMPDIR: scratch.path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((done) => demo.once("exit", (code) => done(code)));
  let said = "";
  demo.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    await eventually(
      () => said,
      (text) => text.includes("Ctrl-C ends"),
      // Five programs start: on a machine that does something else as well it takes its time.
      180_000,
    );
    expect(said).toMatch(/Log in as {2}demo {2}with the password {2}\S{12}\n/);
    const addresses = new Set(said.match(/http:\/\/[\d.:]+\//g));
    const [panel = "", inbox = "", central = ""] = addresses;
    const points = await eventually(
      () => getJson<PointView[]>(`${panel}api/points`),
      (all) =>
        shown.every((wanted) =>
          // Somebody may just take something from the shelf: its weight is uncertain then.
          all.some(({ key, value }) => key === wanted && value !== undefined),
        ),
      45_000,
    );
    expect(points[0]).toMatchObject({ name: "Temperature", unit: "Cel", location: "cold-1" });
    const alarms = await eventually(
      () => getJson<AlarmView[]>(`${panel}api/alarms`),
      (all) => all.some(({ rule, state }) => rule === "cold-1:warm" && state !== "normal"),
      45_000,
    );
    expect(alarms.length).toBeGreaterThan(0);
    const outputs = await getJson<OutputView[]>(`${panel}api/outputs`);
    expect(outputs.map(({ key }) => key).sort()).toEqual([
      ...["air/beacon", "guard/buzzer", "guard/lamp"],
      ...["stack/amber", "stack/buzzer", "stack/green", "stack/red"],
    ]);
    expect(outputs.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    const notices = await getJson<NoticeView[]>(`${panel}api/notices`);
    expect(notices.filter(({ part }) => part.startsWith("channel-"))).toEqual([]);
    await eventually(
      () => getJson<GatewayRow[]>(`${central}v1/gateways`),
      ([row]) => (row?.activeAlarms ?? 0) > 0 && (row?.marks.samples ?? 0) > 50,
      20_000,
    );
    // To the keeper at once, to the manager when nobody has acknowledged.
    const letters = await eventually(
      () => getJson<Letter[]>(`${inbox}letters`),
      (all) => {
        const told = all.filter(({ text }) => /cold room 1.*too warm/i.test(text));
        const isTold = (way: string, to: string) =>
          told.some((one) => one.way === way && one.to.includes(to));
        return receivers.every(([way, to]) => isTold(way, to));
      },
      60_000,
    );
    const text = letters.find((one) => one.text.includes("Alarm: cold-1:warm#"))?.text ?? "";
    const [link = ""] = /http:\S+acknowledge\S+/.exec(text) ?? [];
    expect(await (await fetch(link, { method: "POST" })).text()).toContain("is acknowledged");
    const missing = await eventually(
      async () => {
        const { stock } = await getJson<StockPage>(`${panel}api/stock`);
        return Object.keys(stockShown).filter((what) => stockShown[what]?.(stock) !== true);
      },
      (left) => left.length === 0,
      90_000,
    );
    expect(missing).toEqual([]);
    // Faults that the page offers: without the cable rows wait, with it they go; a gateway that is killed comes back.
    const fault = (id: string) => fetch(`${inbox}faults/${id}`, { method: "POST" });
    const sync = () => getJson<SyncView>(`${panel}api/sync`);
    await fault("cable-minute");
    const { lastContactAt: before = 0 } = await eventually(
      sync,
      ({ problem, lanes }) => problem !== undefined && lanes.samples.backlog > 0,
      30_000,
    );
    await fault("kill-gateway");
    await fault("cable-in");
    const { lanes } = await eventually(
      sync,
      ({ problem, lastContactAt = 0 }) => problem === undefined && lastContactAt > before,
      60_000,
    );
    await eventually(
      () => getJson<GatewayRow[]>(`${central}v1/gateways`),
      ([row]) => (row?.marks.samples ?? 0) >= lanes.samples.head,
      60_000,
    );
    const [row] = await getJson<GatewayRow[]>(`${central}v1/gateways`);
    expect(row?.records).toEqual({ rejects: 0, gaps: 0, conflicts: 0 });
  } finally {
    const programs = childrenOf(demo.pid ?? 0);
    demo.kill("SIGINT");
    demo.kill("SIGINT");
    expect(await exited).toBe(0);
    expect(programs).toHaveLength(3);
    await eventually(
      () => programs.filter((pid) => !isGone(pid)),
      (left) => left.length === 0,
    );
  }
  expect(readdirSync(scratch.path).filter((name) => name.startsWith("rackwatch-"))).toEqual([]);
}, 420_000);
