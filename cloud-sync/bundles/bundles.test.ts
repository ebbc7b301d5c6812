import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type BundleCentral,
  BundleWorld,
  bundleCentral,
} from "../../tests/support/bundle-world.ts";
import { turnsWithin } from "../../tests/support/processor-time.ts";
import { readFile, readFiles } from "../central/down/files.ts";
import { headBytes } from "./bundle-format.ts";

vi.setConfig({ testTimeout: 60_000 });

let central: BundleCentral;
let dir = "";
let count = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-bundles-"));
  central = await bundleCentral();
});
afterAll(async () => {
  await central[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function gateway(enrolled = true): Promise<BundleWorld> {
  count += 1;
  const world = new BundleWorld(central, dir, `gw-${count}`);
  if (enrolled) await world.enrol();
  return world;
}

const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);
const seqs = (rows: readonly { readonly seq: number }[]) => rows.map(({ seq }) => seq);
const values = (rows: readonly { readonly value: number }[]) => rows.map(({ value }) => value);

async function expectWhole(world: BundleWorld): Promise<void> {
  for (const lane of ["events", "samples"] as const) {
    const rows = await world.stored(lane);
    expect(seqs(rows)).toEqual(upTo(world.outbox.head(lane)));
    expect(values(rows)).toEqual(upTo(world.outbox.head(lane)));
  }
}

test("rows go out on a stick, the answer comes back, and only it moves the cursor", async () => {
  using world = await gateway();
  world.events(3);
  world.samples(40);
  const [made] = await world.exchange.export(world.stick, false);
  expect(made?.head).toMatchObject({ number: 1, from: { events: 0, samples: 0 } });
  expect(world.exchange.place, "exported is not confirmed").toEqual({ events: 0, samples: 0 });
  expect(await world.carry()).toMatchObject([{ outcome: "taken", rows: 43, gateway: world.id }]);
  await expectWhole(world);
  expect(world.exchange.place).toEqual({ events: 0, samples: 0 });
  expect(await world.takeAnswers()).toMatchObject([{ kind: "taken" }]);
  expect(world.exchange.place).toEqual({ events: 3, samples: 40 });
});

test("a bundle that is imported twice changes nothing, and an answer that is taken twice is known", async () => {
  using world = await gateway();
  world.samples(10);
  await world.exchange.export(world.stick, false);
  await world.carry();
  await world.takeAnswers();
  expect(await world.carry()).toMatchObject([{ outcome: "known", rows: 0 }]);
  await expectWhole(world);
  expect((await world.takeAnswers()).map(({ kind }) => kind)).toContain("known");
});

test("in the wrong order a bundle says which one comes first, has no effect, and is taken later", async () => {
  using world = await gateway();
  world.samples(10);
  const [first] = await world.exchange.export(world.stick, true);
  world.samples(10);
  const [second] = await world.exchange.export(world.stick, true);
  expect(second?.head).toMatchObject({ number: 2, after: first?.name, from: { samples: 10 } });
  const [one, two] = world.bundles();
  if (one === undefined || two === undefined) throw new Error("two bundles were made");
  const [early] = await world.carry([two]);
  expect(early).toMatchObject({ outcome: "early", rows: 0 });
  expect(early?.message).toContain(first?.name);
  expect(await world.stored("samples")).toEqual([]);
  const both = await world.carry([two, one]);
  expect(both.map(({ outcome }) => outcome)).toEqual(["taken", "taken"]);
  await expectWhole(world);
});

test("a bundle of another company, of a gateway with another token and of an unknown gateway is refused with a sentence", async () => {
  using world = await gateway();
  world.samples(5);
  using stranger = new BundleWorld(central, join(dir, "other"), world.id, "another-token");
  stranger.samples(7);
  await stranger.exchange.export(stranger.stick, false);
  const [other] = await world.carry(stranger.bundles());
  expect(other).toMatchObject({ outcome: "refused", rows: 0 });
  expect(other?.message).toContain("seal");
  using unknown = await gateway(false);
  unknown.samples(3);
  await unknown.exchange.export(unknown.stick, false);
  const [nobody] = await unknown.carry();
  expect(nobody).toMatchObject({ outcome: "refused" });
  expect(nobody?.message).toContain(`no gateway ${unknown.id}`);
  expect(await world.stored("samples")).toEqual([]);
});

test("cut at any byte or with any bit flipped a bundle is refused whole", async () => {
  using world = await gateway();
  world.events(2);
  world.samples(30);
  await world.exchange.export(world.stick, false);
  const [bundle] = world.bundles();
  if (bundle === undefined) throw new Error("no bundle");
  const { bytes } = bundle;
  const place = fc.oneof(
    fc.integer({ min: 0, max: bytes.length - 1 }),
    fc.integer({ min: 0, max: 700 }),
    fc.integer({ min: headBytes - 4, max: bytes.length - 1 }),
  );
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 0, max: 7 }), fc.boolean(), async (at, bit, cut) => {
      const changed = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
      if (!cut) changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      const [result] = await world.carry([{ file: "damaged", bytes: changed }]);
      expect(result).toMatchObject({ outcome: "refused", rows: 0 });
      expect(result?.todo).not.toBe("");
    }),
    { numRuns: 120 },
  );
  expect(await world.stored("samples")).toEqual([]);
  expect(await world.carry()).toMatchObject([{ outcome: "taken" }]);
  await expectWhole(world);
});

test("answers that are older, of another gateway, of another database of central, cut or changed move nothing", async () => {
  using world = await gateway();
  using neighbour = await gateway();
  world.samples(10);
  await world.exchange.export(world.stick, false);
  await world.carry();
  const [first] = answersOn(world);
  world.samples(10);
  world.empty();
  await world.exchange.export(world.stick, false);
  await world.carry();
  await world.takeAnswers();
  expect(world.exchange.place.samples).toBe(20);
  if (first === undefined) throw new Error("no answer");
  const take = (bytes: Buffer, options = {}) => world.exchange.take("answer.rwa", bytes, options);
  expect(take(first)).toMatchObject({ kind: "refused", message: expect.stringContaining("older") });
  expect(neighbour.exchange.take("answer.rwa", first)).toMatchObject({ kind: "foreign" });
  const newest = answersOn(world).at(-1) ?? first;
  for (let at = 0; at < newest.length; at += 5) {
    expect(take(newest.subarray(0, at)).kind, `cut at ${at}`).toBe("refused");
    const flipped = Buffer.from(newest);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    expect(["refused", "foreign"], `flipped at ${at}`).toContain(take(flipped).kind);
  }
  expect(world.exchange.place.samples).toBe(20);
  const anew = await bundleCentral();
  try {
    using moved = new BundleWorld(anew, join(dir, "anew"), world.id, `token-of-${world.id}`);
    await moved.enrol();
    anew.clock.ms += 3_600_000;
    moved.samples(4);
    await moved.exchange.export(moved.stick, false);
    await moved.carry();
    const [other] = answersOn(moved);
    if (other === undefined) throw new Error("no answer");
    expect(take(other)).toMatchObject({
      kind: "refused",
      todo: expect.stringContaining("--new-central"),
    });
    expect(world.exchange.place.samples).toBe(20);
    expect(take(other, { newCentral: true })).toMatchObject({ kind: "taken" });
    expect(world.exchange.place.samples, "its central has 4").toBe(4);
  } finally {
    await anew[Symbol.asyncDispose]();
  }
});

function answersOn(world: BundleWorld): readonly Buffer[] {
  return world.answers().map((file) => readFileSync(join(world.stick, file)));
}

test("whatever is exported, lost, carried in any order and damaged: central has each row once and none is missing", async () => {
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("samples"), n: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("events"), n: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("anew"), n: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("since last"), n: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("fill"), n: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("carry one"), n: fc.nat(99) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("carry damaged"), n: fc.nat(99_999) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("carry all"), n: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("answers"), n: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("drop answers"), n: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("prune"), n: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("empty"), n: fc.nat(9) }) },
  );
  const goesOn = turnsWithin(5, 8_000);
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 25 }), async (acts) => {
      if (!goesOn()) return;
      using world = await gateway();
      world.samples(1);
      for (const { do: what, n } of acts) await perform(world, what, n);
      await world.exchange.export(world.stick, false);
      await world.carry();
      await world.takeAnswers();
      await expectWhole(world);
      expect(await world.gaps()).toBe(0);
      const { events, samples } = world.exchange.heads;
      expect(world.exchange.place).toEqual({ events, samples });
    }),
    { numRuns: 60 },
  );
});

async function perform(world: BundleWorld, what: string, n: number): Promise<void> {
  const files = world.bundles();
  const one = files[n % Math.max(1, files.length)];
  if (what === "samples") world.samples(n);
  if (what === "events") world.events(n);
  if (what === "anew") await world.exchange.export(world.stick, false);
  if (what === "since last") await world.exchange.export(world.stick, true);
  if (what === "fill") await world.exchange.fill(world.stick);
  if (what === "carry all") await world.carry(files.toReversed());
  if (what === "answers") await world.takeAnswers();
  if (what === "drop answers") world.dropAnswers();
  if (what === "prune") world.prune();
  if (what === "empty") world.empty();
  if (one === undefined) return;
  if (what === "carry one") await world.carry([one]);
  if (what === "carry damaged") {
    const bytes = Buffer.from(one.bytes);
    bytes[n % bytes.length] = (bytes[n % bytes.length] ?? 0) ^ 1;
    await world.carry([{ file: one.file, bytes }]);
  }
}

test("a folder that stays gets what it lacks: a small bundle grows, one that central has goes", async () => {
  using world = await gateway();
  world.samples(5);
  const [first] = await world.exchange.fill(world.stick);
  expect(await world.exchange.fill(world.stick), "nothing came since").toEqual([]);
  world.samples(5);
  const [grown] = await world.exchange.fill(world.stick);
  expect(grown).toMatchObject({ name: first?.name, head: { to: { samples: 10 } } });
  expect(world.bundles()).toHaveLength(1);
  expect(world.exchange.isWhole(world.stick)).toBe(true);
  writeFileSync(join(world.stick, first?.name ?? ""), "somebody's text");
  expect(world.exchange.isWhole(world.stick), "not the one that was written").toBe(false);
  await world.exchange.fill(world.stick);
  await world.carry();
  await world.takeAnswers();
  await world.exchange.fill(world.stick);
  const [question] = world.bundles();
  expect(question?.file, "where central has all, one asks for its messages").toBeDefined();
  await world.exchange.fill(world.stick);
  expect(world.bundles(), "and stays the same").toEqual([question]);
  world.samples(1);
  await world.exchange.fill(world.stick);
  expect(world.bundles(), "until there are rows again").toHaveLength(1);
  expect(world.bundles()).not.toEqual([question]);
  await world.carry();
  await expectWhole(world);
});

test("an older bundle behind those of a later epoch is told so, without a second machine on record", async () => {
  using world = await gateway();
  world.samples(4);
  await world.exchange.export(world.stick, false);
  const old = world.bundles();
  world.outbox.renew("epoch-2");
  world.samples(2);
  await world.exchange.export(world.stick, false);
  const now = world.bundles().filter(({ file }) => !old.some((it) => it.file === file));
  expect(await world.carry(now)).toMatchObject([{ outcome: "taken" }]);
  const [late] = await world.carry(old);
  expect(late).toMatchObject({
    outcome: "refused",
    message: expect.stringContaining("later epoch"),
  });
  const conflicts = await central.database.query("SELECT FROM conflict WHERE gateway = $1", [
    world.id,
  ]);
  expect(conflicts).toEqual([]);
  expect(seqs(await world.stored("samples"))).toEqual(upTo(6));
});

test("where central has everything a bundle without rows is carried all the same, and answered each time", async () => {
  using world = await gateway();
  world.samples(10);
  for (const sinceLast of [false, true]) {
    await world.exchange.export(world.stick, sinceLast);
    await world.carry();
    await world.takeAnswers();
  }
  const places = { events: 0, samples: 10 };
  for (const sinceLast of [false, true]) {
    world.empty();
    world.dropAnswers();
    const [made] = await world.exchange.export(world.stick, sinceLast);
    expect(made?.head).toMatchObject({ from: places, to: places });
    expect(await world.carry()).toMatchObject([{ outcome: "known", rows: 0 }]);
    expect(await world.takeAnswers()).toMatchObject([{ kind: "taken", marks: places }]);
  }
  await expectWhole(world);
});

test("what goes on from a bundle that central has not is no question, and never takes its name", async () => {
  using world = await gateway();
  world.samples(10);
  const [made] = await world.exchange.export(world.stick, false);
  expect(await world.exchange.export(world.stick, true)).toEqual([]);
  expect(world.bundles().map(({ file }) => file)).toEqual([made?.name]);
});

test("files for central travel in pieces, until an answer says that it has the whole", async () => {
  using world = await gateway();
  await central.database.query(
    `INSERT INTO command (gateway, id, number, action, author, issued_at, expires_at)
     VALUES ($1, 'logs', 1, 'send-logs', 'Li Wei', now(), now() + interval '1 day')`,
    [world.id],
  );
  mkdirSync(world.messages.folder, { recursive: true });
  const bytes = randomBytes(300_000);
  writeFileSync(join(world.messages.folder, "logs.tar.gz"), bytes);
  writeFileSync(join(world.messages.folder, "unasked.tar.gz"), bytes);
  world.samples(5);
  const [made] = await world.exchange.export(world.stick, false);
  expect(made?.files).toEqual(["logs.tar.gz", "unasked.tar.gz"]);
  await world.carry();
  await world.carry();
  expect(await readFile(central.database, world.id, "logs")).toEqual(bytes);
  expect(await readFiles(central.database, world.id)).toMatchObject([{ id: "logs" }]);
  world.samples(5);
  const [next] = await world.exchange.export(world.stick, true);
  expect(next?.files, "what lies in the bundle before is not in this one").toEqual([]);
  await world.takeAnswers();
  expect(world.messages.files()).toEqual(["unasked.tar.gz"]);
});
