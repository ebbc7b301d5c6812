import { X509Certificate } from "node:crypto";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Central } from "../../cloud-sync/central/main.ts";
import { readIdentity } from "../../cloud-sync/identity/identity.ts";
import { authorityFile, helloOf, IdentityWorld, uplinkOf } from "../support/identity-world.ts";

let world: IdentityWorld;
let central: Central;
const never = new AbortController().signal;

beforeAll(async () => {
  world = await IdentityWorld.open();
  central = await world.central();
});
afterAll(() => world[Symbol.asyncDispose]());

test("a code makes a machine a gateway whose key never leaves it and which central knows by its certificate", async () => {
  const dataDir = world.dataDir("first");
  const code = await world.code("gw-first");
  const seen = await world.enrol(central, dataDir, code.toLowerCase().replaceAll("-", " "));
  expect(seen).toMatchObject({ code: 0, err: "" });
  expect(seen.out).toContain("gateway gw-first");
  const folder = join(dataDir, "sync/identity");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "key.pem")).mode & 0o777).toBe(0o400);
  expect(readdirSync(join(dataDir, "sync")).sort()).toEqual([
    "identity",
    "identity.json",
    "trust.json",
  ]);
  const certificate = new X509Certificate(readFileSync(join(folder, "certificate.pem")));
  const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThanOrEqual(90);

  using uplink = uplinkOf(central, "gw-first", { dataDir });
  expect(await uplink.hello(helloOf("gw-first"), never)).toMatchObject({
    epoch: "epoch-gw-first",
  });
  const secret = readFileSync(join(folder, "key.pem"), "utf8").split("\n")[1] ?? "";
  const kept = await world.database.query("SELECT * FROM certificate, enrolment_code");
  expect(kept.length).toBeGreaterThan(0);
  expect(JSON.stringify(kept) + JSON.stringify(world.log.entries) + seen.out).not.toContain(secret);
  expect(JSON.stringify(world.log.entries) + JSON.stringify(kept)).not.toContain(code);
});

test("each mistake with a code has a sentence of its own, and only whoever has the code learns of it", async () => {
  const of = (name: string, code: string, ...args: string[]) =>
    world.enrol(central, world.dataDir(name), code, ...args);
  const wrong = await of("wrong", "00000-00000-00000-00000");
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.err).toContain("no such code");
  expect((await of("wrong", "not a code")).err).toContain("no such code");

  const used = await world.code("gw-used");
  expect((await of("used", used)).code).toBe(0);
  const again = await of("used-elsewhere", used);
  expect(again.err).toContain("used already");
  expect(again.code).toBe(2);

  const late = await world.code("gw-late");
  await world.database.query(
    "UPDATE enrolment_code SET expires_at = now() - interval '1 second' WHERE gateway = 'gw-late'",
  );
  expect((await of("late", late)).err).toContain("no longer valid");

  const before = await world.code("gw-twice");
  await world.code("gw-twice");
  expect((await of("twice", before)).err).toContain("no longer valid");
});

test("an answer that was lost is given again to the same key, but not after ten minutes", async () => {
  const dataDir = world.dataDir("lost");
  const code = await world.code("gw-lost");
  expect((await world.enrol(central, dataDir, code)).code).toBe(0);
  const had = readIdentity(dataDir);
  renameSync(join(dataDir, "sync/identity"), join(dataDir, "sync/identity.new"));
  for (const name of ["certificate.pem", "authority.pem", "central.pem"]) {
    rmSync(join(dataDir, "sync/identity.new", name));
  }
  expect((await world.enrol(central, dataDir, code)).err).toBe("");
  expect(readIdentity(dataDir)?.serial).toBe(had?.serial);
  await world.database.query(
    "UPDATE enrolment_code SET used_at = now() - interval '11 minutes' WHERE gateway = 'gw-lost'",
  );
  expect((await world.enrol(central, dataDir, code, "--again")).err).toContain("used already");
});

test("a code of another gateway is refused by the configuration's id, and stays good", async () => {
  const dataDir = world.dataDir("mistaken");
  const config = join(world.folder, "gateway.yaml");
  writeFileSync(
    config,
    `version: 1\ngateway: { id: gw-here }\nsync: { central: ${central.address}, caFile: ${authorityFile} }\n`,
  );
  const code = await world.code("gw-there");
  const seen = await world.enrol(central, dataDir, code, "--config", config);
  expect(seen.err).toContain("no such code for this gateway");
  expect(existsSync(join(dataDir, "sync/identity"))).toBe(false);
  expect((await world.enrol(central, dataDir, code)).code).toBe(0);
});

test("whoever is enrolled needs a new code and --again, and the certificate before is out at once", async () => {
  const dataDir = await world.enrolled(central, "gw-again");
  const copy = world.dataDir("copy");
  cpSync(dataDir, copy, { recursive: true });
  const code = await world.code("gw-again");
  const asked = await world.enrol(central, dataDir, code);
  expect(asked).toMatchObject({ code: 2 });
  expect(asked.err).toContain("is enrolled as gateway gw-again");
  expect(asked.err).toContain("--again");
  expect((await world.enrol(central, dataDir, code, "--again")).code).toBe(0);
  using now = uplinkOf(central, "gw-again", { dataDir });
  using before = uplinkOf(central, "gw-again", { dataDir: copy });
  expect(await now.hello(helloOf("gw-again"), never)).toBeDefined();
  await expect(before.hello(helloOf("gw-again"), never)).rejects.toMatchObject({
    code: "sync/unauthorized",
    refusal: "revoked",
    message: expect.stringContaining("enrolled anew"),
  });
});
