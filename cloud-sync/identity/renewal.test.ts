import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identityText } from "../../config/language/identity.ts";
import { readIdentityState } from "../../gateway/store/identity-file.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { openAuthority } from "../central/identity/authority.ts";
import { openSigningKey } from "../central/identity/signing-key.ts";
import { IdentityReader } from "./identity.ts";
import { IdentityKeeper } from "./keep-identity.ts";
import { Renewal } from "./renewal.ts";

const dayMs = 86_400_000;

async function setUp() {
  const dataDir = mkdtempSync(join(tmpdir(), "rackwatch-renewal-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const clock = new ManualClock();
  const place = { folder: join(dataDir, "keys") };
  const authority = await openAuthority(place);
  const signing = openSigningKey(place);
  const keeper = new IdentityKeeper(dataDir);
  const key = createPrivateKey(keeper.nextKey().export({ type: "pkcs8", format: "pem" }));
  const first = await authority.issue("gw-1", createPublicKey(key), clock.now());
  keeper.keep(first.pem, authority.certificate.toString(), undefined);
  const world = { asked: 0, failure: undefined as string | undefined, otherKey: false };
  const reader = new IdentityReader(dataDir);
  const ask = async () => {
    world.asked += 1;
    if (world.failure !== undefined) throw new Error(world.failure);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const its = world.otherKey ? other : createPublicKey(key);
    const issued = await authority.issue("gw-1", its, clock.now());
    return {
      ...{ gateway: "gw-1", certificate: issued.pem, authority: authority.certificate.toString() },
      ...{ notAfter: issued.notAfter, serverTime: clock.now() },
      signingKey: { key: signing.key, publicKey: signing.publicKeyPem },
    };
  };
  const { log } = memoryLog();
  const random = () => 0;
  const renewal = new Renewal({ reader, keeper, ask, clock, log, text: identityText.en, random });
  const step = () => renewal.step(new AbortController().signal);
  return { clock, world, reader, step, dataDir, first };
}

test("a certificate is renewed when two thirds of its life are over, for the same key", async () => {
  const { clock, world, reader, step, dataDir, first } = await setUp();
  await step();
  expect(world.asked).toBe(0);
  expect(readIdentityState(dataDir)).toMatchObject({ gateway: "gw-1", serial: first.serial });
  await clock.advance(59 * dayMs);
  await step();
  expect(world.asked).toBe(0);
  await clock.advance(2 * dayMs);
  await step();
  expect(world.asked).toBe(1);
  const now = reader.current();
  expect(now?.serial).not.toBe(first.serial);
  expect(now?.notAfter).toBeGreaterThan(first.notAfter + 59 * dayMs);
  expect(readIdentityState(dataDir)).toMatchObject({ serial: now?.serial });
});

test("a renewal that fails is tried again, and is a problem when ten days are left", async () => {
  const { clock, world, reader, step, dataDir, first } = await setUp();
  world.failure = "central does not answer";
  await clock.advance(61 * dayMs);
  expect(await step()).toBeLessThanOrEqual(3_600_000);
  expect(readIdentityState(dataDir)).not.toHaveProperty("problem");
  await clock.advance(20 * dayMs);
  await step();
  expect(readIdentityState(dataDir)?.problem?.message).toContain("ends in 9 days");
  expect(readIdentityState(dataDir)?.problem?.message).toContain("central does not answer");
  expect(reader.current()?.serial).toBe(first.serial);
  world.failure = undefined;
  await step();
  expect(readIdentityState(dataDir)).not.toHaveProperty("problem");
});

test("a certificate of another key is never taken, and a clock in 1970 asks for none", async () => {
  const { clock, world, reader, step, first } = await setUp();
  world.otherKey = true;
  await clock.advance(61 * dayMs);
  await step();
  expect(world.asked).toBe(1);
  expect(reader.current()?.serial).toBe(first.serial);
  clock.setWall(0);
  await step();
  expect(world.asked).toBe(1);
});
