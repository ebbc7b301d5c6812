import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { revoke } from "../../cloud-sync/central/identity/revocation.ts";
import type { Central } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { readIdentity } from "../../cloud-sync/identity/identity.ts";
import { runSync } from "../../cloud-sync/main.ts";
import { openUplink } from "../../cloud-sync/uplinks/open-uplink.ts";
import type { Uplink } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { readIdentityState } from "../../gateway/store/identity-file.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { authorityFile, helloOf, IdentityWorld, uplinkOf } from "../support/identity-world.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startAedes } from "../support/mqtt-broker.ts";

const never = new AbortController().signal;
const dayMs = 86_400_000;
const soon = { timeout: 60_000, interval: 100 };

let world: IdentityWorld;
let central: Central;
let plain: Central;
let operator = "";

beforeAll(async () => {
  world = await IdentityWorld.open();
  central = await world.central();
  plain = await world.plainCentral();
  operator = await addOperator(world.database, { name: "Li Wei", role: "operator" });
});
afterAll(() => world[Symbol.asyncDispose]());

test("a gateway that waits for messages is cut off when it is revoked, at this receiver and at another", async () => {
  const dataDir = await world.enrolled(central, "gw-waits");
  await addGateway(world.database, "gw-waits-too", "token-of-gw-waits-too");
  using certified = uplinkOf(central, "gw-waits", { dataDir });
  using tokened = uplinkOf(plain, "gw-waits-too", { token: "token-of-gw-waits-too" });
  const held = [certified, tokened].map(async (uplink) => {
    // A poll that nobody ends is answered after 25 s. Who is revoked is woken, or cut off first.
    const from = performance.now();
    await uplink.inbox(0, 25_000, never).catch((error: unknown) => error);
    const waitedMs = performance.now() - from;
    const next = await uplink.inbox(0, 0, never).catch((error: unknown) => error);
    return { waitedMs, next };
  });
  await expect
    .poll(() => world.asked, soon)
    .toEqual(expect.arrayContaining(["gw-waits", "gw-waits-too"]));
  await revoke(world.database, "gw-waits");
  const path = `${plain.address}/v1/gateways/gw-waits-too/revoke`;
  const headers = { authorization: `Bearer ${operator}` };
  expect((await fetch(path, { method: "POST", headers })).status).toBe(200);
  for (const { waitedMs, next } of await Promise.all(held)) {
    expect(next).toMatchObject({ refusal: "revoked" });
    expect(waitedMs).toBeLessThan(20_000);
  }
});

test("a revoked gateway's seal is refused over a broker, by token and by certificate; let in anew it is taken", async () => {
  await using broker = await startAedes();
  const address = broker.address.replace("tcp:", "mqtt:");
  const roads = { broker: address, prefix: "rackwatch" };
  await world.plainCentral({ roads });
  await addGateway(world.database, "gw-sealed", "token-of-gw-sealed");
  const dataDir = await world.enrolled(central, "gw-signed");
  const common = { via: "mqtt", broker: address, prefix: "rackwatch" } as const;
  const settings = { ...common, messageBytesMax: 131_072, required: true } as const;
  const parts = { text: syncText.en, clock: systemClock, log: memoryLog().log, deadlineMs: 4_000 };
  const open = (gatewayId: string, folder: string, token?: string) => {
    const own = token === undefined ? {} : { credentials: new Secret(token) };
    const road = { name: "broker", settings: { ...settings, ...own } };
    return openUplink(road, { ...parts, gatewayId, dataDir: folder });
  };
  await using tokened = await open("gw-sealed", world.folder, "token-of-gw-sealed");
  await using certified = await open("gw-signed", dataDir);
  const isTaken = (uplink: Uplink, gateway: string) =>
    uplink.hello(helloOf(gateway), never).then(
      () => true,
      () => false,
    );
  const taken = async () => [
    await isTaken(tokened, "gw-sealed"),
    await isTaken(certified, "gw-signed"),
  ];
  await expect.poll(taken, soon).toEqual([true, true]);
  // A poll that nobody ends is answered after 25 s, with no messages.
  const held = [tokened, certified].map(async (uplink) => {
    const from = performance.now();
    const refused = await uplink.inbox?.(0, 25_000, never).catch((error: unknown) => error);
    return { refused, waitedMs: performance.now() - from };
  });
  await expect
    .poll(() => world.asked, soon)
    .toEqual(expect.arrayContaining(["gw-sealed", "gw-signed"]));
  await revoke(world.database, "gw-sealed");
  await revoke(world.database, "gw-signed");
  for (const { refused, waitedMs } of await Promise.all(held)) {
    expect(refused).toMatchObject({ code: "sync/unauthorized" });
    expect(waitedMs).toBeLessThan(20_000);
  }
  expect(await taken()).toEqual([false, false]);
  await addGateway(world.database, "gw-sealed", "token-of-gw-sealed");
  const code = await world.code("gw-signed");
  expect(await world.enrol(central, dataDir, code, "--again")).toMatchObject({ code: 0, err: "" });
  expect(await taken()).toEqual([true, true]);
});

/** An agent with nothing but its certificate, whose clock goes with central's. */
function agentOf(gatewayId: string, dataDir: string, address: string) {
  const { log, entries } = memoryLog();
  const ended = new AbortController();
  using store = openStore({ dir: dataDir, gatewayId, clock: systemClock, log }).store;
  const clock = { boot: "boot-1", offsetMs: 0, quality: "synchronized" } as const;
  store.commit({ clock, samples: [], events: [], state: new Map() });
  const running = runSync(
    {
      ...{ gatewayId, language: "en", boot: "boot-1", env: {}, dataDir, clock: world.clock, log },
      sync: { central: address, caFile: authorityFile, uplinks: {}, goneFor: 3_600_000 },
      push: { notify: {}, mail: undefined },
    } as never,
    ended.signal,
  );
  const stop = async () => {
    ended.abort();
    await running;
  };
  return { entries, stop };
}

test("a running agent renews the certificate when it is due; the next one speaks, the one before is over", async () => {
  const dataDir = await world.enrolled(central, "gw-due");
  const before = readIdentity(dataDir);
  world.aheadMs = 66 * dayMs;
  onTestFinished(() => {
    world.aheadMs = 0;
  });
  const agent = agentOf("gw-due", dataDir, central.address);
  onTestFinished(() => agent.stop());
  const serial = () => readIdentity(dataDir)?.serial;
  await expect.poll(serial, soon).not.toBe(before?.serial);
  const after = readIdentity(dataDir);
  expect(after?.notAfter).toBeGreaterThan((before?.notAfter ?? 0) + 60 * dayMs);
  const state = () => readIdentityState(dataDir);
  await expect.poll(state, soon).toEqual({
    ...{ gateway: "gw-due", serial: after?.serial, notAfter: after?.notAfter },
  });
  // The connection that waits for messages shows the one before; what is said ends the wait.
  const path = `${plain.address}/v1/gateways/gw-due/commands`;
  const headers = { authorization: `Bearer ${operator}`, "content-type": "application/json" };
  const body = JSON.stringify({ action: "silence" });
  expect((await fetch(path, { method: "POST", headers, body })).status).toBe(200);
  const used = () =>
    world.database.query(
      `SELECT serial, first_used_at IS NOT NULL AS used, revoked_at IS NOT NULL AS over
       FROM certificate WHERE gateway = 'gw-due' ORDER BY issued_at`,
    );
  await expect.poll(used, { ...soon, timeout: 45_000 }).toEqual([
    { serial: before?.serial, used: true, over: true },
    { serial: after?.serial, used: true, over: false },
  ]);
  expect(agent.entries.filter(({ level }) => level === "error")).toEqual([]);
});

test("an agent that cannot renew tells the gateway some days before the end, in the words that the alarm shows", async () => {
  const dataDir = await world.enrolled(central, "gw-stuck");
  await world.database.query("DELETE FROM certificate WHERE gateway = 'gw-stuck'");
  world.aheadMs = 83 * dayMs;
  onTestFinished(() => {
    world.aheadMs = 0;
  });
  const agent = agentOf("gw-stuck", dataDir, central.address);
  onTestFinished(() => agent.stop());
  const problem = () => readIdentityState(dataDir)?.problem;
  await expect.poll(problem, soon).toMatchObject({
    message: expect.stringContaining("6 days"),
    todo: expect.any(String),
  });
});
