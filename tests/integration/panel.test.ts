import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { panelSchema } from "../../config/schema/services.ts";
import { bodyBytesMax, setupCodeMs, triesPerMinuteMax } from "../../gateway/panel/limits.ts";
import { openPanel, type Panel } from "../../gateway/panel/panel.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { panelSource, returnedAlarm, warmAlarm } from "../support/panel-source.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A machine with a disk, on which the panel starts and stops. */
function machine() {
  const dir = mkdtempSync(join(tmpdir(), "panel-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const start = async (settings: Record<string, unknown> = {}) => {
    const { store } = openStore({ dir, gatewayId: "wh1", clock, log });
    const parts = panelSource(clock, store);
    const config = panelSchema.parse({ listen: "127.0.0.1:0", ...settings });
    const webDir = join(dir, "web");
    const panel = await openPanel({
      config,
      source: parts.source,
      clock,
      log,
      webDir,
      version: "9.8.7",
    }).catch((error: unknown) => {
      store[Symbol.dispose]();
      throw error;
    });
    let open = true;
    const stop = async () => {
      if (!open) return;
      open = false;
      await panel[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    };
    cleanups.push(stop);
    return { ...parts, panel, stop };
  };
  return { dir, clock, entries, start };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain HTTP, so that Host and Origin can be anything. */
function ask(panel: Panel, path: string, { method = "GET", body, cookie, headers }: Ask = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const [hostname, port] = panel.address.split(":");
    const outgoing = httpRequest({
      hostname,
      port,
      path,
      method,
      agent: false,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(cookie !== undefined && { cookie }),
        ...headers,
      },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const json = response.headers["content-type"]?.startsWith("application/json") ?? false;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: json ? JSON.parse(text) : undefined,
        });
      });
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const person = { user: "李雷", password: "correct horse battery" };

function cookieOf({ headers }: Answer): string {
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

async function setUp(panel: Panel): Promise<string> {
  const body = { code: panel.setupCode, ...person };
  const answer = await ask(panel, "/api/setup", { method: "POST", body });
  expect(answer.status).toBe(200);
  return cookieOf(answer);
}

const acknowledgePath = `/api/alarms/${encodeURIComponent(warmAlarm.id)}/acknowledge`;

/** Every name and who may call it, with a request that gets past validation. `events` has no end, so it is asked elsewhere. */
const expectedAccess = {
  "GET /healthz": { access: "open", path: "/healthz" },
  "GET /metrics": { access: "open", path: "/metrics" },
  "GET /openapi.json": { access: "open", path: "/openapi.json" },
  "GET /api/gateway": { access: "open", path: "/api/gateway" },
  "GET /api/points": { access: "open", path: "/api/points" },
  "GET /api/points/:device/:point/samples": {
    access: "open",
    path: "/api/points/cold-2/temperature/samples",
  },
  "GET /api/alarms": { access: "open", path: "/api/alarms" },
  "POST /api/alarms/:id/acknowledge": { access: "person", path: acknowledgePath, body: {} },
  "GET /api/outputs": { access: "open", path: "/api/outputs" },
  "POST /api/outputs/:device/:point/test": {
    access: "person",
    path: "/api/outputs/stack/red/test",
  },
  "POST /api/silence": { access: "person", path: "/api/silence", body: { minutes: 5 } },
  "GET /api/sync": { access: "open", path: "/api/sync" },
  "GET /api/notices": { access: "open", path: "/api/notices" },
  "GET /api/session": { access: "open", path: "/api/session" },
  "POST /api/session": { access: "open", path: "/api/session", body: person },
  "DELETE /api/session": { access: "open", path: "/api/session" },
  "POST /api/setup": { access: "open", path: "/api/setup", body: { code: "x", ...person } },
  "GET /api/events": { access: "open" },
  "GET /": { access: "open", path: "/" },
} as const;

test("every route of the server stands in the table of who may call it, and the other way round", async () => {
  const { panel } = await machine().start();
  const stated = panel.routes
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, url, access }) => [`${method} ${url}`, access]);
  const expected = Object.entries(expectedAccess).map(([name, { access }]) => [name, access]);
  expect(stated.toSorted()).toEqual(expected.toSorted());
  const heads = panel.routes.filter(({ method }) => method === "HEAD");
  expect(heads.every(({ access }) => access === "open")).toBe(true);
});

test.each(["nobody", "a stranger's cookie", "somebody who logged out", "a person"])(
  "%s gets what the table says from each route",
  async (role) => {
    const { panel } = await machine().start();
    const own = await setUp(panel);
    if (role === "somebody who logged out") {
      await ask(panel, "/api/session", { method: "DELETE", cookie: own });
    }
    const cookies: Readonly<Record<string, string>> = {
      "a stranger's cookie": "rackwatch-panel=AAAA",
      "somebody who logged out": own,
      "a person": own,
    };
    const cookie = cookies[role];
    const rows = Object.entries(expectedAccess).filter(([name]) => name !== "DELETE /api/session");
    for (const [name, row] of rows) {
      if (!("path" in row)) continue;
      const { status, body } = await ask(panel, row.path, {
        method: name.split(" ")[0] ?? "",
        ...("body" in row && { body: row.body }),
        ...(cookie !== undefined && { cookie }),
      });
      if (row.access === "person" && role !== "a person") {
        expect([name, status, body]).toMatchObject([name, 401, { code: "panel/login-needed" }]);
      } else {
        // A second setup is a conflict whoever asks.
        expect([name, status]).toEqual([name, name === "POST /api/setup" ? 409 : 200]);
      }
    }
  },
);

test("what the panel knows is answered in the forms of the api", async () => {
  const { clock, start } = machine();
  const { panel, source } = await start();
  expect((await ask(panel, "/healthz")).body).toEqual({ ok: true });
  const metrics = await ask(panel, "/metrics");
  expect(metrics.headers["content-type"]).toContain("text/plain; version=0.0.4");
  expect(metrics.text).toBe("rackwatch_samples_total 7\n");
  expect((await ask(panel, "/api/gateway")).body).toMatchObject({ id: "wh1", now: clock.now() });
  expect((await ask(panel, "/api/points")).body).toEqual(source.points());
  expect((await ask(panel, "/api/alarms")).body).toEqual(source.alarms());
  expect((await ask(panel, "/api/outputs")).body).toEqual(source.outputs());
  expect((await ask(panel, "/api/sync")).body).toEqual(source.sync());
  expect((await ask(panel, "/api/notices")).body).toEqual([]);
});

test("the openapi page is of version 3.1 and names every route; only it tells the version", async () => {
  const { panel } = await machine().start();
  const { body } = await ask(panel, "/openapi.json");
  expect(body).toMatchObject({ openapi: "3.1.0", info: { version: "9.8.7" } });
  const paths = Object.keys(Object(Object(body).paths));
  expect(paths).toContain("/api/points/{device}/{point}/samples");
  expect(paths).toContain("/api/alarms/{id}/acknowledge");
  expect(paths).toContain("/api/events");
  expect(Object(body).paths["/api/points"].get.responses["200"].content).toBeTruthy();
  for (const path of ["/healthz", "/api/gateway", "/"]) {
    const { text, headers } = await ask(panel, path);
    expect(text + JSON.stringify(headers)).not.toContain("9.8.7");
  }
});

test("samples of a point are read from the store by window and limit", async () => {
  const { clock, start } = machine();
  const { panel, source } = await start();
  expect((await ask(panel, "/api/points/cold-2/none/samples")).status).toBe(404);
  const path = "/api/points/cold-2/temperature/samples";
  const windows: (readonly number[])[] = [];
  const { history } = source;
  source.history = (key, ...window) => {
    windows.push(window);
    return history(key, ...window);
  };
  expect((await ask(panel, path)).body).toEqual([]);
  await ask(panel, `${path}?from=5&to=1970-01-01T00:00:01Z&limit=10000`);
  expect(windows).toEqual([
    [clock.now() - 86_400_000, clock.now(), 1_000],
    [5, 1_000, 10_000],
  ]);
  for (const query of ["limit=10001", "limit=0", "from=yesterday"]) {
    expect((await ask(panel, `${path}?${query}`)).body).toMatchObject({ code: "panel/invalid" });
  }
});

test("the first start has a setup code that works once; the user then logs in with a cookie", async () => {
  const { start, entries } = machine();
  const { panel, audited } = await start();
  expect((await ask(panel, "/api/session")).body).toEqual({ setupNeeded: true });
  const body = { code: panel.setupCode, ...person };
  const first = await ask(panel, "/api/setup", { method: "POST", body });
  expect(first.body).toEqual({ user: person.user, setupNeeded: false });
  const again = await ask(panel, "/api/setup", { method: "POST", body });
  expect([again.status, again.body]).toMatchObject([409, { code: "panel/setup-done" }]);

  const login = await ask(panel, "/api/session", { method: "POST", body: person });
  const cookie = login.headers["set-cookie"]?.[0] ?? "";
  expect(cookie).toMatch(
    /^rackwatch-panel=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const session = await ask(panel, "/api/session", { cookie: cookieOf(login) });
  expect(session.body).toEqual({ user: person.user, setupNeeded: false });
  expect(audited.map(([action]) => action)).toEqual(["setup", "login"]);
  expect(JSON.stringify([audited, entries])).not.toContain(person.password);
});

test("a setup code is dead after thirty minutes, and a restart makes another", async () => {
  const { clock, start } = machine();
  const { panel, stop } = await start();
  const body = { code: panel.setupCode, ...person };
  const wrong = await ask(panel, "/api/setup", { method: "POST", body: { ...body, code: "0000" } });
  expect([wrong.status, wrong.body]).toMatchObject([403, { code: "panel/setup-code-wrong" }]);
  await clock.advance(setupCodeMs);
  const late = await ask(panel, "/api/setup", { method: "POST", body });
  expect([late.status, late.body]).toMatchObject([403, { code: "panel/setup-code-expired" }]);
  await stop();
  const { panel: next, stop: stopNext } = await start();
  expect(next.setupCode).not.toBe(panel.setupCode);
  await setUp(next);
  await stopNext();
  expect((await start()).panel.setupCode).toBeUndefined();
});

test("a session survives a restart, a logout does too, and a login ends the session before", async () => {
  const { start } = machine();
  const one = await start();
  const first = await setUp(one.panel);
  await one.stop();
  const two = await start();
  const act = (cookie: string) =>
    ask(two.panel, "/api/silence", { method: "POST", cookie, body: { minutes: 1 } });
  expect((await act(first)).status).toBe(200);
  const login = await ask(two.panel, "/api/session", {
    method: "POST",
    cookie: first,
    body: person,
  });
  expect((await act(first)).status).toBe(401);
  const second = cookieOf(login);
  expect((await act(second)).status).toBe(200);
  const logout = await ask(two.panel, "/api/session", { method: "DELETE", cookie: second });
  expect(cookieOf(logout)).toBe("rackwatch-panel=");
  expect((await act(second)).status).toBe(401);
  await two.stop();
  const { panel } = await start();
  const replay = { method: "POST", cookie: second, body: { minutes: 1 } };
  expect((await ask(panel, "/api/silence", replay)).status).toBe(401);
});

test("guessing is cut off after ten tries a minute, and what needs no login is not", async () => {
  const { clock, start } = machine();
  const { panel, audited } = await start();
  const cookie = await setUp(panel);
  const guess = (user: string) =>
    ask(panel, "/api/session", { method: "POST", body: { user, password: "guess" } });
  const statuses: number[] = [];
  for (let i = 0; i < 30; i += 1) statuses.push((await guess(`user ${i}`)).status);
  const computed = statuses.filter((status) => status === 401).length;
  expect(computed).toBe(triesPerMinuteMax - 1);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30 - computed);
  const refused = await ask(panel, "/api/session", { method: "POST", body: person });
  expect(refused.body).toMatchObject({ code: "panel/too-many-tries" });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(audited.filter(([action]) => action === "login-failed")).toHaveLength(computed);
  const quiet = { method: "POST", cookie, body: { minutes: 5 } };
  expect((await ask(panel, "/api/silence", quiet)).status).toBe(200);
  await clock.advance(60_000);
  expect((await ask(panel, "/api/session", { method: "POST", body: person })).status).toBe(200);
});

test("wrong passwords of one user make that user wait longer and longer", async () => {
  const { clock, start } = machine();
  const { panel } = await start();
  await setUp(panel);
  const guess = () =>
    ask(panel, "/api/session", { method: "POST", body: { ...person, password: "guess" } });
  const retries: (string | undefined)[] = [];
  for (let i = 0; i < 6; i += 1) {
    let answer = await guess();
    if (answer.status === 429) {
      retries.push(answer.headers["retry-after"]);
      await clock.advance(Number(retries.at(-1)) * 1_000);
      answer = await guess();
    }
    expect(answer.status).toBe(401);
  }
  expect(retries).toEqual(["1", "2"]);
});

test.each([
  ["a foreign Host", { host: "evil.example" }, "panel/foreign-host"],
  ["a foreign Origin", { origin: "http://evil.example" }, "panel/foreign-origin"],
  ["another port of this machine", { origin: "http://127.0.0.1:1" }, "panel/foreign-origin"],
  [
    "the browser's word that it is cross-site",
    { "sec-fetch-site": "cross-site" },
    "panel/foreign-origin",
  ],
])("%s is refused even with a session", async (_, headers, code) => {
  const { panel, done } = await machine().start();
  const cookie = await setUp(panel);
  const body = { minutes: 5 };
  const answer = await ask(panel, "/api/silence", { method: "POST", cookie, body, headers });
  expect([answer.status, answer.body]).toMatchObject([403, { code }]);
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  expect(done).toEqual([]);
});

test("reading under a foreign Host is refused, under a configured name it is not", async () => {
  const { panel } = await machine().start({ allowedHosts: ["panel.example.com"] });
  const under = (host: string) => ask(panel, "/api/points", { headers: { host } });
  expect((await under("rebound.example")).status).toBe(403);
  expect((await under("rebound.example")).text).not.toContain("cold-2");
  expect((await under("panel.example.com")).status).toBe(200);
});

test("every answer carries the headers that keep other sites out", async () => {
  const { panel } = await machine().start();
  for (const path of ["/", "/api/points", "/nothing", "/api/alarms/x/acknowledge"]) {
    const { headers } = await ask(panel, path);
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers).toMatchObject({
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
  }
});

test("an alarm is acknowledged by the person who is logged in, once", async () => {
  const { panel } = await machine().start();
  const cookie = await setUp(panel);
  const body = { comment: "关门了" };
  const first = await ask(panel, acknowledgePath, { method: "POST", cookie, body });
  expect(first.body).toMatchObject({
    state: "acknowledged",
    acknowledgedBy: person.user,
    comment: "关门了",
  });
  const again = await ask(panel, acknowledgePath, { method: "POST", cookie });
  expect([again.status, again.body]).toMatchObject([
    409,
    { code: "alarm/not-allowed", message: expect.stringContaining("acknowledged") },
  ]);
});

test("an alarm that has returned cannot be acknowledged, one that never was is not found", async () => {
  const { panel } = await machine().start();
  const cookie = await setUp(panel);
  const acknowledge = (id: string) =>
    ask(panel, `/api/alarms/${encodeURIComponent(id)}/acknowledge`, {
      method: "POST",
      cookie,
      body: {},
    });
  const returned = await acknowledge(returnedAlarm.id);
  expect([returned.status, returned.body]).toMatchObject([
    409,
    { code: "alarm/not-allowed", todo: "nothing is left to do" },
  ]);
  const unknown = await acknowledge("cold-2-warm#99");
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: "alarm/unknown" }]);
});

test("outputs are tested and buzzers silenced in the name of the person", async () => {
  const { panel, done } = await machine().start();
  const cookie = await setUp(panel);
  const post = (path: string, body?: unknown) => ask(panel, path, { method: "POST", cookie, body });
  expect((await post("/api/outputs/stack/red/test")).body).toMatchObject({ key: "stack/red" });
  expect((await post("/api/outputs/stack/none/test")).status).toBe(404);
  expect((await post("/api/silence", { minutes: 10 })).status).toBe(200);
  expect((await post("/api/silence", { minutes: 61 })).status).toBe(400);
  expect(done).toEqual([`test stack/red ${person.user}`, `silence 10 ${person.user}`]);
});

test("a body over 64 KB is 413, broken or surplus JSON 400, another type 415, in the asker's language", async () => {
  const { panel } = await machine().start();
  const post = (body: unknown, headers = {}) =>
    ask(panel, "/api/session", { method: "POST", body, headers });
  const large = await post({ user: "x", password: "y".repeat(bodyBytesMax) });
  expect([large.status, large.body]).toMatchObject([413, { code: "panel/too-large" }]);
  const surplus = await post({ ...person, role: "admin" });
  expect([surplus.status, surplus.body]).toMatchObject([400, { code: "panel/invalid" }]);
  expect((await post(person, { "content-type": "text/html" })).status).toBe(415);
  const chinese = await post({}, { "accept-language": "zh-CN,zh;q=0.9,en;q=0.8" });
  expect(chinese.body).toMatchObject({ message: expect.stringContaining("请求无效") });
  expect((await ask(panel, "/nothing")).body).toMatchObject({ code: "panel/not-found" });
});

test("a failure inside is a plain 500 for the asker and told in full to the log", async () => {
  const { start, entries } = machine();
  const { panel, source } = await start();
  source.points = () => {
    throw new Error("inner detail");
  };
  const answer = await ask(panel, "/api/points");
  expect([answer.status, answer.body]).toMatchObject([500, { code: "panel/failed" }]);
  expect(answer.text).not.toContain("inner detail");
  expect(entries.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("a port that is taken is said with where and what to do", async () => {
  const { panel } = await machine().start();
  await expect(machine().start({ listen: panel.address })).rejects.toMatchObject({
    code: "panel/listen",
    where: panel.address,
    todo: expect.stringContaining("ss -ltnp"),
  });
});
