import { expect, test } from "vitest";
import { bodyBytesMax } from "../../gateway/panel/limits.ts";
import { ask, panelMachine, person, setUp } from "../support/panel-machine.ts";
import { returnedAlarm, warmAlarm } from "../support/panel-source.ts";

const acknowledgePath = `/api/alarms/${encodeURIComponent(warmAlarm.id)}/acknowledge`;

interface Row {
  readonly access: string;
  readonly path?: string;
  readonly body?: unknown;
  /** What somebody who may do it gets; 200 unless said otherwise. */
  readonly status?: number;
}

/** Every name and who may call it, with a request that gets past validation. `events` has no end, so it is asked elsewhere. */
const expectedAccess: Readonly<Record<string, Row>> = {
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
  "POST /api/alarms/:id/acknowledge": { access: "acknowledge", path: acknowledgePath, body: {} },
  ...acts("reset", "reset"),
  ...acts("shelve", "shelve", { reason: "fan is repaired", minutes: 5 }),
  ...acts("unshelve", "shelve"),
  ...acts("suppress", "suppress", { reason: "defrost by hand" }),
  ...acts("unsuppress", "suppress"),
  ...acts("out-of-service", "service", { reason: "calibration" }),
  ...acts("return-to-service", "service"),
  "POST /api/alarms/acknowledge": {
    access: "acknowledge",
    path: "/api/alarms/acknowledge",
    body: { ids: ["warm#1"] },
    status: 404,
  },
  "GET /api/alarms/figures": { access: "open", path: "/api/alarms/figures?days=30" },
  "GET /api/excursions": { access: "open", path: "/api/excursions" },
  "POST /api/excursions/:id/disposition": {
    access: "dispose",
    path: "/api/excursions/warm%231/disposition",
    body: { to: "quarantined", meaning: "review" },
    status: 404,
  },
  "GET /api/receivers": { access: "open", path: "/api/receivers" },
  "POST /api/receivers/:id/test": {
    access: "test",
    path: "/api/receivers/night/test",
    status: 404,
  },
  "GET /api/pushes": { access: "person", path: "/api/pushes" },
  "GET /api/due": { access: "open", path: "/api/due" },
  "GET /api/mkt": { access: "open", path: "/api/mkt" },
  "GET /api/min-max": { access: "open", path: "/api/min-max" },
  "POST /api/min-max/:device/:point/reset": {
    access: "acknowledge",
    path: "/api/min-max/cold-2/temperature/reset",
  },
  "GET /api/audit": { access: "person", path: "/api/audit" },
  // The stand-in has no room for a report.
  "GET /api/report.csv": { access: "person", path: "/api/report.csv?location=cold-2", status: 503 },
  "GET /api/report.pdf": { access: "person", path: "/api/report.pdf?location=cold-2", status: 503 },
  "GET /api/audit/search": { access: "person", path: "/api/audit/search" },
  "GET /acknowledge/:token": { access: "open", path: "/acknowledge/abc", status: 410 },
  "POST /acknowledge/:token": { access: "open", path: "/acknowledge/abc", status: 410 },
  "GET /api/items": { access: "open", path: "/api/items" },
  "GET /api/stock": { access: "open", path: "/api/stock" },
  "GET /api/stock/outlook": {
    access: "open",
    path: "/api/stock/outlook?location=a1&item=bolt",
    status: 404,
  },
  "GET /api/stock/movements": { access: "open", path: "/api/stock/movements" },
  "GET /api/stock/epcis": { access: "open", path: "/api/stock/epcis" },
  "GET /api/stock/mismatches": { access: "open", path: "/api/stock/mismatches" },
  "GET /api/stock/scanned": { access: "person", path: "/api/stock/scanned?code=bolt" },
  "GET /api/stock/proposals": { access: "open", path: "/api/stock/proposals" },
  "GET /api/stock/export/stock.csv": { access: "open", path: "/api/stock/export/stock.csv" },
  "GET /api/stock/export/movements.csv": {
    access: "open",
    path: "/api/stock/export/movements.csv",
  },
  "POST /api/stock/bookings": {
    access: "stock",
    path: "/api/stock/bookings",
    body: { kind: "issue", item: "bolt", location: "a1", quantity: 1 },
    status: 404,
  },
  "POST /api/stock/holds": {
    access: "stock",
    path: "/api/stock/holds",
    body: { location: "a1", item: "bolt", comment: "dropped" },
    status: 404,
  },
  "POST /api/stock/releases": {
    access: "dispose",
    path: "/api/stock/releases",
    body: { location: "a1", item: "bolt", to: "released", comment: "checked" },
    status: 404,
  },
  "POST /api/stock/proposals/:id": {
    access: "planning",
    path: "/api/stock/proposals/a1",
    body: { approve: true },
    status: 404,
  },
  ...imports("movements", "stock"),
  ...imports("counts", "stock"),
  ...imports("items", "planning"),
  ...imports("orders", "planning"),
  ...imports("tags", "planning"),
  "GET /api/configurations": { access: "person", path: "/api/configurations" },
  "POST /api/configurations/:serial/restore": {
    access: "configuration",
    path: "/api/configurations/1/restore",
    body: { password: person.password, seen: 2 },
    status: 404,
  },
  "GET /api/users": { access: "users", path: "/api/users" },
  "POST /api/users": {
    access: "users",
    path: "/api/users",
    body: { user: "wang", password: "a long password", roles: ["operator"] },
  },
  "PATCH /api/users/:user": {
    access: "users",
    path: "/api/users/nobody",
    body: { roles: ["viewer"] },
    status: 404,
  },
  "POST /api/session/password": {
    access: "person",
    path: "/api/session/password",
    body: { password: "not the password", newPassword: "another long one" },
    status: 401,
  },
  "GET /api/outputs": { access: "open", path: "/api/outputs" },
  "POST /api/outputs/:device/:point/test": {
    access: "test",
    path: "/api/outputs/stack/red/test",
  },
  "POST /api/silence": { access: "silence", path: "/api/silence", body: { minutes: 5 } },
  "GET /api/sync": { access: "open", path: "/api/sync" },
  "GET /api/notices": { access: "open", path: "/api/notices" },
  "GET /api/session": { access: "open", path: "/api/session" },
  "POST /api/session": { access: "open", path: "/api/session", body: person },
  "DELETE /api/session": { access: "open", path: "/api/session" },
  "POST /api/setup": { access: "open", path: "/api/setup", body: { code: "x", ...person } },
  "GET /api/events": { access: "open" },
  "GET /": { access: "open", path: "/" },
};

/** What is no CSV cannot be imported. */
function imports(kind: string, access: string): Readonly<Record<string, Row>> {
  const path = `/api/stock/import/${kind}`;
  return { [`POST ${path}`]: { access, path, body: {}, status: 400 } };
}

/** A name for one act on an alarm; there is no such alarm here. */
function acts(verb: string, access: string, body: object = {}): Readonly<Record<string, Row>> {
  const path = `/api/alarms/nowhere/${verb}`;
  return { [`POST /api/alarms/:id/${verb}`]: { access, path, body, status: 404 } };
}

test("every route of the server stands in the table of who may call it, and the other way round", async () => {
  await using host = panelMachine();
  const { panel } = await host.start();
  const stated = panel.routes
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, url, access }) => [`${method} ${url}`, access]);
  const expected = Object.entries(expectedAccess).map(([name, { access }]) => [name, access]);
  expect(stated.toSorted()).toEqual(expected.toSorted());
  const heads = panel.routes.filter(({ method }) => method === "HEAD");
  for (const { url, access } of heads) {
    expect([url, access]).toEqual([url, expectedAccess[`GET ${url}`]?.access]);
  }
});

test.each(["nobody", "a stranger's cookie", "somebody who logged out", "a person"])(
  "%s gets what the table says from each route",
  async (role) => {
    await using host = panelMachine();
    const { panel } = await host.start();
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
      if (row.path === undefined) continue;
      const { status, body } = await ask(panel, row.path, {
        method: name.split(" ")[0] ?? "",
        ...(row.body !== undefined && { body: row.body }),
        ...(cookie !== undefined && { cookie }),
      });
      if (row.access !== "open" && role !== "a person") {
        expect([name, status, body]).toMatchObject([name, 401, { code: "panel/login-needed" }]);
      } else {
        // A second setup is a conflict whoever asks.
        const expected = name === "POST /api/setup" ? 409 : (row.status ?? 200);
        expect([name, status]).toEqual([name, expected]);
      }
    }
  },
);

test("what the panel knows is answered in the forms of the api", async () => {
  await using host = panelMachine();
  const { clock, start } = host;
  const { panel, source } = await start();
  expect((await ask(panel, "/healthz")).body).toEqual({ ok: true });
  const metrics = await ask(panel, "/metrics");
  expect(metrics.headers["content-type"]).toContain("text/plain; version=0.0.4");
  expect(metrics.text).toBe("rackwatch_samples_total 7\n");
  expect((await ask(panel, "/api/gateway")).body).toMatchObject({ id: "wh1", now: clock.now() });
  expect((await ask(panel, "/api/points")).body).toEqual(source.points());
  expect((await ask(panel, "/api/alarms")).body).toEqual(source.alarms());
  expect((await ask(panel, "/api/outputs")).body).toEqual(source.outputs());
  expect((await ask(panel, "/api/sync")).body).toEqual(source.syncDetail());
  expect((await ask(panel, "/api/notices")).body).toEqual([]);
});

test("the openapi page is of version 3.1 and names every route; only it tells the version", async () => {
  await using host = panelMachine();
  const { panel } = await host.start();
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
  await using host = panelMachine();
  const { clock, start } = host;
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

test("an alarm is acknowledged by the person who is logged in, once", async () => {
  await using host = panelMachine();
  const { panel } = await host.start();
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
  await using host = panelMachine();
  const { panel } = await host.start();
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
  await using host = panelMachine();
  const { panel, done } = await host.start();
  const cookie = await setUp(panel);
  const post = (path: string, body?: unknown) => ask(panel, path, { method: "POST", cookie, body });
  expect((await post("/api/outputs/stack/red/test")).body).toMatchObject({ key: "stack/red" });
  expect((await post("/api/outputs/stack/none/test")).status).toBe(404);
  expect((await post("/api/silence", { minutes: 10 })).status).toBe(200);
  expect((await post("/api/silence", { minutes: 61 })).status).toBe(400);
  expect(done).toEqual([`test stack/red ${person.user}`, `silence 10 ${person.user}`]);
});

test("a body over 64 KB is 413, broken or surplus JSON 400, another type 415, in the asker's language", async () => {
  await using host = panelMachine();
  const { panel } = await host.start();
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
  await using host = panelMachine();
  const { start, entries } = host;
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
  await using host = panelMachine();
  const { panel } = await host.start();
  await using other = panelMachine();
  await expect(other.start({ listen: panel.address })).rejects.toMatchObject({
    code: "panel/listen",
    where: panel.address,
    todo: expect.stringContaining("ss -ltnp"),
  });
});
