import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { coldRoom } from "../support/cold-room.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startProgram } from "../support/program.ts";
import { eventually } from "../support/spine.ts";
import { tell } from "../support/trials/tell.ts";

const hourMs = 3_600_000;
const token = "token-of-the-time-test";

/** How far a time at central may be from the truth. */
const offMsMax = 1_000;

test("1970, then now, then back an hour: each row is at central once, at its true time, and the corrections are on record", async (context) => {
  await using cleanup = new AsyncDisposableStack();
  let database: Database | undefined;
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => {
      database = await openPglite();
      return database;
    },
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    gateways: [{ id: "cold-room", token }],
  });
  cleanup.defer(() => central.stop());
  let time: FakeTime | undefined;
  let mark = "";
  let env: Readonly<Record<string, string>> = {};
  const room = await coldRoom({
    env: (folder) => {
      time = fakeTime(context, folder, 60_000 - Date.now());
      mark = join(folder, "clock-is-right");
      env = { ...time.env, RACKWATCH_CLOCK_MARK: mark, RACKWATCH_SECRET_CENTRAL: token };
      return env;
    },
    services: `broker: { enabled: false }
store: { flushEvery: 100ms }
sync: { central: "${central.address}", credentials: !secret central }`,
  });
  cleanup.use(room);
  const { dataDir, configFile } = room.rig;
  const began = Date.now();
  // Both programs share the machine's monotonic clock with this one.
  const bootAt = Date.now() - systemClock.monotonicMs();
  const rows = () => {
    using outbox = openOutbox(dataDir, "cold-room");
    return { events: outbox.head("events"), samples: outbox.head("samples") };
  };
  const more = async () => {
    const before = rows();
    await eventually(rows, ({ samples }) => samples >= before.samples + 10);
  };
  const first = await room.start();
  await room.live();
  room.setTemperature(9.1);
  await room.alarm("warm");
  await more();
  // A start in between, still in 1970.
  await first.kill("SIGKILL");
  await room.start();
  await room.live();
  const agent = await startProgram(
    ["sync", "--config", configFile, "--data", dataDir],
    env,
    "agent ships",
  );
  cleanup.defer(() => agent.kill("SIGKILL"));
  const query = async (sql: string) => (await database?.query(sql)) ?? [];
  await eventually(
    () => query("SELECT count(*)::int AS n FROM sample WHERE sampled_at < '1971-01-01'"),
    ([row]) => Number(row?.["n"]) > 0,
  );

  time?.step(0);
  writeFileSync(mark, "");
  await more();
  await eventually(
    () => query("SELECT count(*)::int AS n FROM sample WHERE sampled_at < '1971-01-01'"),
    ([row]) => row?.["n"] === 0,
  );

  rmSync(mark);
  time?.step(-hourMs);
  await more();
  expect(existsSync(mark)).toBe(false);
  time?.step(0);
  writeFileSync(mark, "");
  await more();
  await eventually(
    () => query("SELECT count(*)::int AS n FROM time_correction"),
    ([row]) => row?.["n"] === 2,
  );

  const written = rows();
  const marks = () => query("SELECT lane, seq::int AS seq FROM mark");
  const reached = (lane: string, seq: number) => (all: readonly Record<string, unknown>[]) =>
    all.some((row) => row["lane"] === lane && Number(row["seq"]) >= seq);
  await eventually(marks, reached("samples", written.samples));
  await eventually(marks, reached("events", written.events));
  const samples = await query(
    `SELECT seq::int AS seq, point, extract(epoch FROM sampled_at)::float8 * 1000 AS at FROM sample
     ORDER BY seq`,
  );
  expect(samples.map((row) => row["seq"])).toEqual(samples.map((_, index) => index + 1));
  expect(samples.length).toBeGreaterThanOrEqual(written.samples);
  let newest = began;
  let backMsMax = 0;
  for (const row of samples) {
    const at = Number(row["at"]);
    backMsMax = Math.max(backMsMax, newest - at);
    expect(at).toBeGreaterThan(newest - offMsMax);
    expect(at).toBeLessThan(Date.now() + offMsMax);
    newest = Math.max(newest, at);
  }
  const events = await query(
    `SELECT seq::int AS seq, kind, mono_ms, extract(epoch FROM at)::float8 * 1000 AS at FROM event
     ORDER BY seq`,
  );
  expect(events.map((row) => row["seq"])).toEqual(events.map((_, index) => index + 1));
  let offMs = 0;
  for (const row of events) {
    const off = Number(row["at"]) - Number(row["mono_ms"]) - bootAt;
    expect(Math.abs(off), JSON.stringify(row)).toBeLessThan(offMsMax);
    offMs = Math.max(offMs, Math.abs(off));
  }
  const figures = { samples: samples.length, events: events.length, corrections: 2 };
  tell("1970, now, back an hour", { ...figures, offMsMax: offMs, backMsMax });
  const shown = await room.rig.get<readonly { sampledAt: number }[]>(
    `/api/points/cold/temperature/samples?from=${began - offMsMax}&to=${Date.now()}&limit=10000`,
  );
  const temperatures = samples.filter((row) => row["point"] === "cold/temperature");
  expect(shown.length).toBeGreaterThanOrEqual(temperatures.length - 10);
}, 90_000);
