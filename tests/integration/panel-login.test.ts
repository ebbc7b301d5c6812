import { expect, test } from "vitest";
import { setupCodeMs, triesPerMinuteMax } from "../../gateway/panel/limits.ts";
import { ask, cookieOf, panelMachine, person, setUp } from "../support/panel-machine.ts";

test("the first start has a setup code that works once; the user then logs in with a cookie", async () => {
  await using host = panelMachine();
  const { start, entries } = host;
  const { panel, audited } = await start();
  expect((await ask(panel, "/api/session")).body).toEqual({ setupNeeded: true });
  const body = { code: panel.setupCode, ...person };
  const first = await ask(panel, "/api/setup", { method: "POST", body });
  expect(first.body).toMatchObject({ user: person.user, setupNeeded: false });
  const again = await ask(panel, "/api/setup", { method: "POST", body });
  expect([again.status, again.body]).toMatchObject([409, { code: "panel/setup-done" }]);

  const login = await ask(panel, "/api/session", { method: "POST", body: person });
  const cookie = login.headers["set-cookie"]?.[0] ?? "";
  expect(cookie).toMatch(
    /^rackwatch-panel=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const session = await ask(panel, "/api/session", { cookie: cookieOf(login) });
  expect(session.body).toMatchObject({ user: person.user, setupNeeded: false });
  expect(session.body).toHaveProperty("may", expect.arrayContaining(["acknowledge", "users"]));
  expect(audited.map(([action]) => action)).toEqual(["setup", "login"]);
  expect(JSON.stringify([audited, entries])).not.toContain(person.password);
});

test("a setup code is dead after thirty minutes, and a restart makes another", async () => {
  await using host = panelMachine();
  const { clock, start } = host;
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
  await using host = panelMachine();
  const { start } = host;
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
  await using host = panelMachine();
  const { clock, start } = host;
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
  await using host = panelMachine();
  const { clock, start } = host;
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
  await using host = panelMachine();
  const { panel, done } = await host.start();
  const cookie = await setUp(panel);
  const body = { minutes: 5 };
  const answer = await ask(panel, "/api/silence", { method: "POST", cookie, body, headers });
  expect([answer.status, answer.body]).toMatchObject([403, { code }]);
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  expect(done).toEqual([]);
});

test("reading under a foreign Host is refused, under a configured name it is not", async () => {
  await using host = panelMachine();
  const { panel } = await host.start({ allowedHosts: ["panel.example.com"] });
  const under = (host: string) => ask(panel, "/api/points", { headers: { host } });
  expect((await under("rebound.example")).status).toBe(403);
  expect((await under("rebound.example")).text).not.toContain("cold-2");
  expect((await under("panel.example.com")).status).toBe(200);
});

test("every answer carries the headers that keep other sites out", async () => {
  await using host = panelMachine();
  const { panel } = await host.start();
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
