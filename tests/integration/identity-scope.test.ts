import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { addOperator, removeOperator } from "../../cloud-sync/central/down/operators.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

const gateways = [
  { id: "gw-1", token: "token-of-gateway-1" },
  { id: "gw-2", token: "token-of-gateway-2" },
];
const readToken = "read-token-of-operators";

/** Who needs nothing to ask: a route that is not here and names no scheme fails. */
const open = ["POST /v1/enroll"];

const folder = mkdtempSync(join(tmpdir(), "rackwatch-scope-"));
let database: Database;
let central: Central;
let operator = "";
let viewer = "";

beforeAll(async () => {
  database = await openPglite();
  central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    gateways,
    readToken,
    keys: { folder: join(folder, "keys") },
  });
  operator = await addOperator(database, { name: "Li Wei", role: "operator" });
  viewer = await addOperator(database, { name: "Zhang", role: "viewer" });
});
afterAll(async () => {
  await central.stop();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const apiSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({ security: z.array(z.record(z.string(), z.unknown())).optional() }),
    ),
  ),
});

async function operations() {
  const response = await fetch(`${central.address}/openapi.json`);
  const { paths } = apiSchema.parse(await response.json());
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path: path.replace("{id}", "gw-2").replaceAll(/\{\w+\}/g, "x"),
      schemes: security.flatMap((it) => Object.keys(it)),
    })),
  );
}

async function statusOf(method: string, path: string, token: string | undefined): Promise<number> {
  const response = await fetch(`${central.address}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(method === "GET" ? {} : { "content-type": "application/json" }),
    },
    ...(method === "GET" ? {} : { body: "{}" }),
  });
  await response.text();
  return response.status;
}

test("every route says who may use it, and nobody else's credentials read or write anything there", async () => {
  const all = await operations();
  expect(all.length).toBeGreaterThan(15);
  const wrong: string[] = [];
  for (const { name, method, path, schemes } of all) {
    if (open.includes(name)) continue;
    const others = schemes.includes("gateway")
      ? [undefined, "token-of-gateway-1", readToken, "nobody's-token", operator, viewer]
      : [undefined, "token-of-gateway-1", "token-of-gateway-2", "nobody's-token"];
    for (const token of others) {
      const status = await statusOf(method, path, token);
      if (status !== 401 && status !== 403) wrong.push(`${name} ${token}: ${status}`);
    }
    if (schemes.length === 0) wrong.push(`${name} names no scheme`);
  }
  expect(wrong).toEqual([]);
});

test("neither the token for reading nor a viewer decides anything, and a decision of an operator is let in", async () => {
  const decisions = (await operations()).filter(
    ({ method, schemes }) => method !== "GET" && schemes.includes("operator"),
  );
  const names = decisions.map(({ name }) => name);
  expect(names).toContain("POST /v1/gateways/{id}/revoke");
  expect(names).toContain("POST /v1/gateways/{id}/enrolment-codes");
  for (const { name, method, path } of decisions) {
    expect(await statusOf(method, path, readToken), name).toBe(401);
    expect(await statusOf(method, path, viewer), name).toBe(403);
    expect([401, 403], name).not.toContain(await statusOf(method, path, operator));
  }
});

test("an operator's token that was taken back reads and decides nothing from then on", async () => {
  const gone = await addOperator(database, { name: "Wang", role: "operator" });
  expect(await statusOf("GET", "/v1/gateways/gw-1/identity", gone)).toBe(200);
  expect(await removeOperator(database, "Wang")).toBe(true);
  expect(await statusOf("GET", "/v1/gateways/gw-1/identity", gone)).toBe(401);
  expect(await statusOf("POST", "/v1/gateways/gw-1/revoke", gone)).toBe(401);
});
