import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import type { Central } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { helloOf, IdentityWorld, uplinkOf } from "../support/identity-world.ts";

const readToken = "a-token-for-reading";
const never = new AbortController().signal;

let world: IdentityWorld;
/** Ends TLS itself: gateways speak to it by certificate. */
let central: Central;
/** On the same database: people speak to this one. */
let plain: Central;
let operator = "";
let viewer = "";

beforeAll(async () => {
  world = await IdentityWorld.open();
  central = await world.central();
  plain = await world.plainCentral({ readToken });
  operator = await addOperator(world.database, { name: "Li Wei", role: "operator" });
  viewer = await addOperator(world.database, { name: "Zhang", role: "viewer" });
});
afterAll(() => world[Symbol.asyncDispose]());

async function ask(method: string, path: string, token: string, body?: unknown) {
  const response = await fetch(`${plain.address}/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const codeSchema = z.strictObject({ code: z.string(), expiresAt: z.number() });

/** Whether the gateway is let in: undefined, or why not. */
async function refusalOf(gateway: string, by: Parameters<typeof uplinkOf>[2]) {
  using uplink = uplinkOf("token" in by ? plain : central, gateway, by);
  const answer: unknown = await uplink.hello(helloOf(gateway), never).catch((error) => error);
  return answer instanceof Error && "refusal" in answer ? answer.refusal : undefined;
}

test("an operator makes a code, a gateway enrols with it, and who made it is on record without the code", async () => {
  const before = Date.now();
  const asked = { validMs: 3_600_000, name: "冷库" };
  const made = await ask("POST", "gateways/gw-new/enrolment-codes", operator, asked);
  const { code, expiresAt } = codeSchema.parse(made.body);
  expect(expiresAt - before).toBeGreaterThan(3_500_000);
  const open = { gateway: "gw-new", name: "冷库", hasToken: false, codeUntil: expiresAt };
  expect((await ask("GET", "gateways/gw-new/identity", viewer)).body).toEqual({
    ...open,
    certificates: [],
  });
  const seen = await world.enrol(central, world.dataDir("gw-new"), code);
  expect(seen).toMatchObject({ code: 0, err: "" });
  const { body } = await ask("GET", "gateways/gw-new/identity", readToken);
  expect(body).toEqual({
    certificates: [expect.objectContaining({ serial: expect.any(String) })],
    ...{ gateway: "gw-new", name: "冷库", hasToken: false },
    serial: expect.stringMatching(/^[0-9A-F]{32}$/),
    notAfter: expect.toSatisfy((at: number) => at > before + 80 * 86_400_000),
    machine: expect.any(String),
  });
  const acts = (await ask("GET", "operators/acts", viewer)).body;
  expect(acts).toContainEqual(
    expect.objectContaining({ operator: "Li Wei", act: "enrolment code", gateway: "gw-new" }),
  );
  expect(JSON.stringify(acts)).not.toContain(code);
});

test("an operator shuts a gateway out while central runs: certificate, token and code are over", async () => {
  const dataDir = await world.enrolled(central, "gw-out");
  await addGateway(world.database, "gw-out", "token-of-gw-out");
  expect(await refusalOf("gw-out", { dataDir })).toBeUndefined();
  expect(await refusalOf("gw-out", { token: "token-of-gw-out" })).toBeUndefined();
  const made = await ask("POST", "gateways/gw-out/enrolment-codes", operator);
  const { code } = codeSchema.parse(made.body);
  const { status, body } = await ask("POST", "gateways/gw-out/revoke", operator);
  expect(status).toBe(200);
  expect(body).toEqual({
    ...{ gateway: "gw-out", hasToken: true, revokedAt: expect.any(Number) },
  });
  expect(await refusalOf("gw-out", { dataDir })).toBe("revoked");
  expect(await refusalOf("gw-out", { token: "token-of-gw-out" })).toBe("revoked");
  const late = await world.enrol(central, world.dataDir("late"), code);
  expect(late.code).not.toBe(0);
  expect((await ask("GET", "operators/acts", viewer)).body).toContainEqual(
    expect.objectContaining({ operator: "Li Wei", act: "revoke", gateway: "gw-out" }),
  );
});

test("one certificate or the token of a gateway ends, and the other stays", async () => {
  const dataDir = await world.enrolled(central, "gw-part");
  const token = "token-of-gw-part";
  await addGateway(world.database, "gw-part", token);
  const identity = async () =>
    z
      .looseObject({ hasToken: z.boolean(), serial: z.string().optional() })
      .parse((await ask("GET", "gateways/gw-part/identity", operator)).body);
  const { serial = "" } = await identity();
  const copied = serial.toLowerCase().match(/../g)?.join(":");
  await ask("POST", "gateways/gw-part/revoke", operator, { tokenOnly: true });
  expect(await identity()).toMatchObject({ hasToken: false, serial });
  expect(await refusalOf("gw-part", { dataDir })).toBeUndefined();
  await addGateway(world.database, "gw-part", token);
  await ask("POST", "gateways/gw-part/revoke", operator, { serial: copied });
  expect((await identity()).serial).toBeUndefined();
  expect(await refusalOf("gw-part", { dataDir })).toBe("revoked");
  expect(await refusalOf("gw-part", { token })).toBeUndefined();
});

test("what nobody has, and what makes no sense, is refused and leaves everything as it was", async () => {
  await addGateway(world.database, "gw-other", "token-of-gw-other");
  const dataDir = await world.enrolled(central, "gw-mine");
  const { serial } = z
    .looseObject({ serial: z.string() })
    .parse((await ask("GET", "gateways/gw-mine/identity", operator)).body);
  const post = async (path: string, body?: unknown) =>
    (await ask("POST", `gateways/${path}`, operator, body)).status;
  expect(await post("gw-other/revoke", { serial })).toBe(404);
  expect(await post("nobody/revoke")).toBe(404);
  expect(await post("nobody/revoke", { tokenOnly: true })).toBe(404);
  expect((await ask("GET", "gateways/nobody/identity", operator)).status).toBe(404);
  expect(await post("gw-mine/revoke", { serial, tokenOnly: true })).toBe(400);
  expect(await post("gw-mine/revoke", { serial: "x" })).toBe(400);
  expect(await post("a%20b/enrolment-codes")).toBe(400);
  expect(await post("gw-mine/enrolment-codes", { validMs: 1 })).toBe(400);
  expect(await post("gw-mine/enrolment-codes", { validMs: 32 * 86_400_000 })).toBe(400);
  expect(await refusalOf("gw-mine", { dataDir })).toBeUndefined();
  expect(await refusalOf("gw-other", { token: "token-of-gw-other" })).toBeUndefined();
});

test("a receiver with other keys than those that the gateways know says so, to whoever asks how it is", async () => {
  const health = async ({ address }: Central) => (await fetch(`${address}/healthz`)).json();
  expect(await health(plain)).toEqual({ ok: true });
  const other = await world.plainCentral({ keys: { folder: world.dataDir("other-keys") } });
  expect(await health(other)).toEqual({ ok: true, keys: "foreign" });
  expect(JSON.stringify(world.log.entries)).toContain("not those that its gateways know");
});
