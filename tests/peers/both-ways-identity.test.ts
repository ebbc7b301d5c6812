import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { revoke } from "../../cloud-sync/central/identity/revocation.ts";
import type { Central } from "../../cloud-sync/central/main.ts";
import { readIdentity } from "../../cloud-sync/identity/identity.ts";
import type { PointView } from "../../gateway/panel/api.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { coldRoom } from "../support/cold-room.ts";
import { fakeTime } from "../support/fake-time.ts";
import { authorityFile, IdentityWorld } from "../support/identity-world.ts";
import { startAedes } from "../support/mqtt-broker.ts";
import { startProgram } from "../support/program.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const soon = { timeout: 90_000, interval: 200 };
let world: IdentityWorld;
let central: Central;

beforeAll(async () => {
  world = await IdentityWorld.open();
  central = await world.central();
});
afterAll(() => world[Symbol.asyncDispose]());

/** One command as a process. */
function command(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [rackwatch, ...args], { env: { ...process.env, ...env } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.once("close", (code) => done({ code, out, err }));
  });
}

const enrol = (dataDir: string, code: string, more: readonly string[] = [], env = {}) =>
  command(
    [
      "enroll",
      code,
      "--data",
      dataDir,
      "--central",
      central.address,
      "--ca",
      authorityFile,
      ...more,
    ],
    env,
  );

const caPem = readFileSync(authorityFile);

/** A request over TLS with the certificate of a data folder, or none. */
function ask(at: Central, method: string, path: string, dataDir?: string, body: unknown = {}) {
  const identity = dataDir === undefined ? undefined : readIdentity(dataDir);
  const own = identity && {
    cert: identity.certificatePem,
    key: identity.key.export({ type: "pkcs8", format: "pem" }),
  };
  const options = { method, ca: caPem, ...own, agent: false } as const;
  return new Promise<{ status: number; retryAfter: string | undefined; text: string }>(
    (done, fail) => {
      const asked = https.request(`${at.address}${path}`, options, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        answer.on("end", () =>
          done({ status: answer.statusCode ?? 0, retryAfter: answer.headers["retry-after"], text }),
        );
      });
      asked.once("error", fail);
      asked.setHeader("content-type", "application/json");
      asked.end(method === "GET" ? undefined : JSON.stringify(body));
    },
  );
}

test("another gateway's certificate, another company's and a revoked one read and write nothing on any route", async () => {
  const theirs = await world.central({ keys: { folder: join(world.folder, "company-b") } });
  const other = await world.enrolled(central, "gw-other");
  const foreign = await world.enrolled(theirs, "gw-mine");
  const revoked = await world.enrolled(central, "gw-mine");
  await revoke(world.database, readIdentity(revoked)?.serial ?? "");
  const api = z.object({
    paths: z.record(
      z.string(),
      z.record(z.string(), z.looseObject({ security: z.unknown().optional() })),
    ),
  });
  const { paths } = api.parse(JSON.parse((await ask(central, "GET", "/openapi.json")).text));
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, it]) => JSON.stringify(it.security ?? "").includes("gateway"))
      .map(([method]) => [method.toUpperCase(), path] as const),
  );
  expect(routes.length).toBeGreaterThan(5);
  const wrong: string[] = [];
  for (const [method, path] of routes) {
    const own = path.replace("{id}", "gw-mine").replaceAll(/\{\w+\}/g, "x");
    const seen = await Promise.all(
      [other, foreign, revoked].map((dataDir) => ask(central, method, own, dataDir)),
    );
    const codes = seen.map(({ status, text }) => `${status} ${JSON.parse(text).code}`);
    const wanted = ["403 forbidden", "403 certificate-foreign", "403 revoked"];
    if (codes.join() !== wanted.join()) wrong.push(`${method} ${path}: ${codes.join()}`);
  }
  expect(wrong).toEqual([]);
  const rows = await world.database.query("SELECT 1 FROM epoch WHERE gateway = 'gw-mine'");
  expect(rows).toEqual([]);
});

test("of two machines that type one code at the same time one becomes the gateway, and the other is told", async () => {
  const code = await world.code("gw-race");
  const folders = ["race-a", "race-b"].map((name) => world.dataDir(name));
  const seen = await Promise.all(folders.map((dataDir) => enrol(dataDir, code)));
  expect(seen.map((it) => it.code).sort()).toEqual([0, 2]);
  const loser = seen.find((it) => it.code === 2);
  expect(loser?.err).toContain("this code was used already");
  expect(loser?.err).toContain("central revoke GATEWAY");
  const certificates = await world.database.query(
    "SELECT serial FROM certificate WHERE gateway = 'gw-race' AND revoked_at IS NULL",
  );
  expect(certificates).toHaveLength(1);
});

test("a machine whose clock shows 1970 is told what to do, and enrols and delivers by a compared fingerprint", async (context) => {
  const offsetMs = Date.parse("1970-01-03T00:00:00Z") - Date.now();
  const clock = fakeTime(context, world.folder, offsetMs);
  const { env } = clock;
  const dataDir = world.dataDir("clock-1970");
  const code = await world.code("gw-1970");
  const refused = await enrol(dataDir, code, [], { ...env, LANG: "zh_CN.UTF-8" });
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("1970-01-0");
  expect(refused.err).toMatch(/时钟/);
  expect(refused.err).toContain("--fingerprint");
  const shown = readFileSync(join(import.meta.dirname, "../fixtures/tls/localhost.pem"));
  const { fingerprint256 } = new X509Certificate(shown);
  const pinned = ["--data", dataDir, "--central", central.address, "--fingerprint", fingerprint256];
  const taken = await command(["enroll", code, ...pinned], env);
  expect([taken.code, taken.err]).toEqual([0, ""]);
  const days = ((readIdentity(dataDir)?.notAfter ?? 0) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89);

  const log = numberedLog({ dir: dataDir, gatewayId: "gw-1970", clock: systemClock });
  log.take(30, 1);
  log[Symbol.dispose]();
  const config = join(world.folder, "1970.yaml");
  writeFileSync(
    config,
    `version: 1\ngateway: { id: gw-1970 }\nchannels: {}\nsync: { central: ${central.address} }\n`,
  );
  const once = () => command(["sync", "--config", config, "--data", dataDir, "--once"], env);
  const early = await once();
  expect(early.code).toBe(1);
  expect(early.out).toContain("which shows 1970-01-0");
  expect(early.out).toContain("Until then nothing is sent and nothing is lost");
  clock.step(0);
  const sent = await once();
  expect(sent.code, sent.out + sent.err).toBe(0);
  const rows = await world.database.query("SELECT 1 FROM sample WHERE gateway = 'gw-1970'");
  expect(rows).toHaveLength(30);
});

const counted = async (table: "sample" | "event") => {
  const [row] = await world.database.query(
    `SELECT count(*)::int AS rows, count(DISTINCT (epoch_number, seq))::int AS own,
       coalesce(max(seq), 0)::int AS head FROM ${table} WHERE gateway = 'cold-room'`,
  );
  return z.object({ rows: z.number(), own: z.number(), head: z.number() }).parse(row);
};

test("revoked while it reports by two roads it is out on both, alarms in the room go on, and enrolled anew it delivers what waited, once", async () => {
  await using broker = await startAedes();
  const mqtt = broker.address.replace("tcp:", "mqtt:");
  const own = await world.central({ roads: { broker: mqtt, prefix: "rackwatch" } });
  await using it = await coldRoom();
  const { configFile, dataDir } = it.rig;
  const sync = `sync:
  central: ${own.address}
  caFile: ${authorityFile}
  uplinks: { office: { via: mqtt, broker: "${mqtt}" } }
`;
  const yaml = readFileSync(configFile, "utf8").replace("cold-room }", "cold-room, language: zh }");
  it.rig.writeConfig(yaml + sync);
  await it.start();
  await it.live();
  expect(await enrol(dataDir, await world.code("cold-room"))).toMatchObject({ code: 0, err: "" });
  const agent = await startProgram(
    ["sync", "--config", configFile, "--data", dataDir],
    {},
    "broker reached",
  );
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => agent.kill("SIGTERM"));
  await expect.poll(async () => (await counted("sample")).rows, soon).toBeGreaterThan(10);

  await revoke(world.database, "cold-room");
  const said = (road: string) =>
    agent.lines.find(
      ({ code, where }) => code === "sync/unauthorized" && String(where).startsWith(road),
    );
  await expect
    .poll(() => said("https:"), soon)
    .toMatchObject({
      message: expect.stringContaining("吊销"),
      todo: expect.stringContaining("rackwatch enroll CODE --again"),
    });
  await expect
    .poll(() => said("mqtt:"), soon)
    .toMatchObject({
      todo: expect.stringContaining("rackwatch enroll CODE --again"),
    });
  const kept = await counted("sample");
  it.setTemperature(12);
  await it.alarm("warm");
  await expect.poll(() => it.lamp(), soon).toBe(1);
  const points = await it.rig.get<readonly PointView[]>("/api/points");
  expect(points.find(({ key }) => key === "cold/temperature")).toMatchObject({ value: 12 });
  expect(await counted("sample")).toEqual(kept);

  const code = await world.code("cold-room");
  expect((await enrol(dataDir, code)).err).toContain("--again");
  expect((await enrol(dataDir, code, ["--again"])).err).toBe("");
  const alarms = () =>
    world.database.query(
      "SELECT seq FROM event WHERE gateway = 'cold-room' AND kind = 'alarm' AND body->>'to' = 'unacknowledged'",
    );
  await expect
    .poll(async () => (await counted("sample")).rows, soon)
    .toBeGreaterThan(kept.rows + 10);
  await expect.poll(alarms, soon).toHaveLength(1);
  for (const table of ["sample", "event"] as const) {
    const { rows, own: different, head } = await counted(table);
    expect([rows, different]).toEqual([head, head]);
  }
}, 240_000);

test("twenty wrong codes are held up, a right one after them waits as it is told and is still good", async () => {
  const slow = await world.central();
  const tries = [];
  for (let n = 0; n < 20; n += 1) {
    const code = `00000-00000-00000-000${String(n).padStart(2, "0")}`;
    tries.push(await ask(slow, "POST", "/v1/enroll", undefined, { code, csr: "none" }));
  }
  const looked = tries.filter(({ status }) => status !== 429);
  expect(looked.length).toBeLessThanOrEqual(10);
  expect(looked.every(({ text }) => JSON.parse(text).code === "code-wrong")).toBe(true);
  expect(
    tries.filter(({ status }) => status === 429).every((it) => Number(it.retryAfter) >= 1),
  ).toBe(true);
  const right = await world.code("gw-patient");
  const where = ["--data", world.dataDir("patient"), "--central", slow.address];
  const once = () =>
    command(["enroll", right, ...where, "--ca", authorityFile], { LANG: "zh_CN.UTF-8" });
  for (;;) {
    const seen = await once();
    if (seen.code === 0) break;
    expect(seen.err).toMatch(/\d+ ?秒/);
    const [, seconds] = /(\d+) ?秒/.exec(seen.err) ?? [];
    await new Promise((done) => setTimeout(done, Number(seconds) * 1_000));
  }
});
