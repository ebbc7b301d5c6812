import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleBytesMax } from "../../cloud-sync/bundles/bundle-format.ts";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { main } from "../../cloud-sync/cli/rackwatch.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type BundleCentral, BundleWorld, bundleCentral } from "../support/bundle-world.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { freePort } from "../support/spine.ts";

const folder = mkdtempSync(join(tmpdir(), "rackwatch-posted-"));
let house: BundleCentral;
let central: Central;
const tokens = { operator: "", viewer: "" };

beforeAll(async () => {
  house = await bundleCentral();
  const { database } = house;
  central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    keys: { folder: join(folder, "keys") },
  });
  tokens.operator = await addOperator(database, { name: "Li Wei", role: "operator" });
  tokens.viewer = await addOperator(database, { name: "Wang Fang", role: "viewer" });
  for (const [role, token] of Object.entries(tokens)) writeFileSync(join(folder, role), token);
}, 60_000);
afterAll(async () => {
  await central.stop();
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function world(id: string): Promise<BundleWorld> {
  const made = new BundleWorld(house, folder, id);
  await made.enrol();
  return made;
}

const to = (role: "operator" | "viewer") => [
  ...["--central", central.address, "--token-file", join(folder, role)],
];

const post = (body: Uint8Array, token = tokens.operator, type = "application/octet-stream") =>
  fetch(`${central.address}/v1/bundles`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": type },
    body: Buffer.from(body),
  });

test("a central that runs takes bundles from a person, in any order, and hands out the answer to carry back", async () => {
  using it = await world("gw-given");
  it.samples(20);
  it.events(2);
  await it.exchange.export(it.stick, true);
  it.samples(20);
  await it.exchange.export(it.stick, true);
  const files = it.bundles().map(({ file }) => join(it.stick, file));
  expect(await main(["central", "import", ...files.toReversed(), ...to("operator")])).toBe(0);
  expect(await it.stored("samples")).toHaveLength(40);
  expect(await it.takeAnswers()).toMatchObject([{ kind: "taken" }]);
  expect(it.exchange.place).toEqual({ events: 2, samples: 40 });
  expect(await main(["central", "import", it.stick, ...to("operator")]), "known").toBe(0);
  expect(await it.stored("samples")).toHaveLength(40);
  const acts = await fetch(`${central.address}/v1/operators/acts`);
  expect(await acts.json()).toContainEqual(
    expect.objectContaining({ operator: "Li Wei", act: "bundle", gateway: "gw-given" }),
  );
});

test("whoever may only look, or has no token, gives central nothing", async () => {
  using it = await world("gw-looked");
  it.samples(5);
  await it.exchange.export(it.stick, false);
  const [bundle] = it.bundles();
  if (bundle === undefined) throw new Error("no bundle");
  expect((await post(bundle.bytes, tokens.viewer)).status).toBe(403);
  expect((await post(bundle.bytes, "token-of-gw-looked")).status).toBe(401);
  expect(await main(["central", "import", it.stick, ...to("viewer")])).toBe(2);
  expect(await main(["central", "import", it.stick, "--central", central.address])).toBe(2);
  expect(await it.stored("samples")).toEqual([]);
});

test("what is cut, another company's, too long or no bundle is refused with a sentence and no answer", async () => {
  using it = await world("gw-bad");
  it.samples(5);
  await it.exchange.export(it.stick, false);
  const [bundle] = it.bundles();
  if (bundle === undefined) throw new Error("no bundle");
  const cut = await (await post(bundle.bytes.subarray(0, -3))).json();
  expect(cut).toMatchObject({ outcome: "refused", rows: 0, gateway: "gw-bad" });
  expect(cut.answer).toBeUndefined();
  using foreign = new BundleWorld(house, join(folder, "foreign"), "gw-bad", "another-company");
  foreign.samples(3);
  await foreign.exchange.export(foreign.stick, false);
  const [theirs] = foreign.bundles();
  const other = await (await post(theirs?.bytes ?? Buffer.alloc(0))).json();
  expect(other).toMatchObject({ outcome: "refused", message: expect.stringContaining("seal") });
  expect(other.answer).toBeUndefined();
  expect((await post(bundle.bytes, tokens.operator, "text/plain")).status).toBe(400);
  expect((await post(Buffer.from("{}"), tokens.operator, "application/json")).status).toBe(400);
  const long = await post(Buffer.alloc(bundleBytesMax + 1));
  expect(long.status).toBe(413);
  expect(await long.json()).toMatchObject({ message: expect.stringContaining("33554432") });
  expect(await main(["central", "import", it.stick, ...to("operator")])).toBe(0);
  expect(await it.stored("samples")).toHaveLength(5);
});

test("a central that does not answer, or that is reached without encryption, leaves the stick as it is", async () => {
  const stick = join(folder, "left");
  mkdirSync(stick);
  writeFileSync(join(stick, "some.rwb"), "whatever");
  const token = ["--token-file", join(folder, "operator")];
  const nobody = `http://127.0.0.1:${await freePort()}`;
  for (const address of [nobody, "http://central.example.com", "ftp://127.0.0.1", "nonsense"]) {
    expect(await main(["central", "import", stick, "--central", address, ...token])).toBe(2);
  }
  expect(readdirSync(stick)).toEqual(["some.rwb"]);
  expect(readFileSync(join(stick, "some.rwb"), "utf8")).toBe("whatever");
});

/** Bundles that are sent so slowly that they never end, until they are hung up; and how many of them were turned away. */
function slowUploads(count: number) {
  const statuses: (number | undefined)[] = [];
  const headers = {
    authorization: `Bearer ${tokens.operator}`,
    ...{ "content-type": "application/octet-stream", "content-length": 100_000 },
  };
  const sent = Array.from({ length: count }, () => {
    const one = request(`${central.address}/v1/bundles`, { method: "POST", headers, agent: false });
    one.on("error", () => undefined);
    one.on("response", ({ statusCode }) => statuses.push(statusCode));
    one.write(Buffer.alloc(1_000));
    return one;
  });
  return { statuses, [Symbol.dispose]: () => sent.forEach((one) => void one.destroy()) };
}

test("while two bundles are being sent a third waits outside: told when to come again, it is taken then", async () => {
  using it = await world("gw-third");
  it.samples(5);
  await it.exchange.export(it.stick, false);
  const [bundle] = it.bundles();
  if (bundle === undefined) throw new Error("no bundle");
  {
    using slow = slowUploads(3);
    await expect.poll(() => slow.statuses, { timeout: 20_000 }).toEqual([429]);
    const refused = await post(bundle.bytes);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "busy", retryAfterMs: expect.any(Number) });
    const code = await main(["central", "import", it.stick, ...to("operator")]);
    expect(code, "not all is done").toBe(1);
  }
  const again = () => main(["central", "import", it.stick, ...to("operator")]);
  await expect.poll(again, { timeout: 20_000, interval: 200 }).toBe(0);
  expect(await it.stored("samples")).toHaveLength(5);
});
