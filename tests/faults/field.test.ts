import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { NoticeView, PointView, SampleView } from "../../gateway/panel/api.ts";
import {
  FieldDevices,
  type FieldPlan,
  fieldConfig,
  keepChanging,
  plcVariables,
  pollsOf,
  type Watched,
} from "../support/field.ts";
import { OpcUaServerProcess } from "../support/opcua-server.ts";
import { eventually, type GatewayRig, gatewayRig, scratchFolder } from "../support/spine.ts";

const plan: FieldPlan = {
  lines: [{ units: 4 }, { units: 4 }],
  scales: ["mt-sics", "toledo"],
  readers: ["r200"],
  tags: 20,
  readsPerSecond: 100,
};

/** Two periods of the slowest device, and some. */
const windowMs = 5_000;

/** What the gateway missed of these while it was looked at. */
async function lostOf(rig: GatewayRig, watched: readonly Watched[]) {
  const fromMs = Date.now();
  await sleep(windowMs);
  const toMs = Date.now();
  const lost: Record<string, unknown> = {};
  for (const point of watched) {
    const query = `from=${fromMs}&to=${toMs + 60_000}&limit=10000`;
    // What came in the window is in the store when something later is.
    const samples = await eventually(
      () => rig.get<SampleView[]>(`/api/points/${point.key}/samples?${query}`),
      (stored) => stored.some(({ sampledAt }) => sampledAt > toMs),
      20_000,
    );
    const polls = pollsOf(samples, point, fromMs, toMs);
    if (polls.lost > 0 || polls.bad > 0)
      lost[point.key] = samples.map(({ sampledAt, reason }) => [sampledAt - fromMs, reason]);
  }
  return lost;
}

test("a poll that is late is none that is lost, a missing one is", () => {
  const at = (...times: readonly number[]) =>
    times.map((sampledAt) => ({ sampledAt, quality: "good" as const }));
  const polled = { everyMs: 1_000, isStream: false };
  const stream = { everyMs: 1_000, isStream: true };
  const lost = (of: typeof polled, ...times: readonly number[]) =>
    pollsOf(at(...times), of, 0, 5_000).lost;
  expect(lost(polled, 300, 1_300, 2_300, 3_300, 4_300)).toBe(0);
  expect(lost(polled, 300, 1_300, 2_900, 3_300, 4_300)).toBe(0);
  expect(lost(polled, 300, 1_300, 3_300, 4_300)).toBe(1);
  expect(lost(polled, 300, 1_300)).toBe(3);
  expect(lost(polled)).toBeGreaterThan(3);
  expect(lost(stream, 300, 800, 1_300, 1_500, 2_300, 3_300, 4_300)).toBe(0);
  expect(lost(stream, 300, 800, 1_300, 1_500, 4_500)).toBe(2);
});

test("a dead unit, a babbling reader and a hung PLC, one at a time, cost no other channel a reading", async () => {
  using scratch = scratchFolder();
  await using devices = await FieldDevices.start(plan);
  const nodes = 10;
  await using plc = await OpcUaServerProcess.start({
    folder: scratch.path,
    variables: plcVariables(nodes),
  });
  const { channels, watched } = fieldConfig(plan, devices.addresses, {
    endpoint: plc.endpoint,
    nodes,
  });
  const rig = await gatewayRig(
    scratch.path,
    `version: 1
gateway: { id: field }
channels:
${channels}
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
store: { flushEvery: 1s }
`,
  );
  using changing = keepChanging(plc);
  const gateway = await rig.start();
  try {
    await eventually(
      () => rig.get<PointView[]>("/api/points"),
      (points) =>
        watched.every(({ key }) => points.some((it) => it.key === key && it.quality === "good")),
      60_000,
    );
    const notice = async (part: string) =>
      eventually(
        () => rig.get<NoticeView[]>("/api/notices"),
        (notices) => notices.some((it) => it.part === part),
        30_000,
      );
    const reasonOf = (key: string) =>
      eventually(
        async () => (await rig.get<PointView[]>("/api/points")).find((it) => it.key === key),
        (point) => point?.quality === "bad",
        30_000,
      );

    expect(await lostOf(rig, watched), "all is well").toEqual({});

    await devices.tell({ line: 0, deadUnit: 2 });
    await reasonOf("line-1-2/temperature");
    const others = watched.filter(({ device }) => device !== "line-1-2");
    expect(await lostOf(rig, others), "a dead unit").toEqual({});
    await devices.tell({ line: 0 });

    await devices.tell({ reader: 0, babbles: true });
    const quiet = watched.filter(({ channel }) => channel !== "reader-r200");
    await sleep(1_000);
    expect(await lostOf(rig, without(quiet, "line-1-2")), "a babbling reader").toEqual({});
    await devices.tell({ reader: 0, babbles: false });

    changing.pause();
    await plc.signal("SIGSTOP");
    await notice("channel-plc");
    const running = quiet.filter(({ channel }) => channel !== "plc");
    expect(await lostOf(rig, without(running, "line-1-2")), "a hung PLC").toEqual({});
  } finally {
    await gateway.kill("SIGKILL");
  }
});

/** A unit that was dead is asked less often for a while. */
function without(watched: readonly Watched[], device: string): readonly Watched[] {
  return watched.filter((it) => it.device !== device);
}
