import { createPublicKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { testSigner } from "../../tests/support/down-suite.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { keyName } from "../identity/key-name.ts";
import { Trust, trustAfter } from "./trust.ts";

function central() {
  const made = testSigner();
  const key = keyName(createPublicKey(made.publicKeyPem));
  return { ...made, key, said: { key, publicKey: made.publicKeyPem } };
}

test("the first key is believed; another one only if the one before vouches for it", () => {
  const [first, second, third] = [central(), central(), central()];
  const trusted = trustAfter({}, first.said) ?? {};
  expect(trusted).toEqual({ [first.key]: first.publicKeyPem });
  expect(trustAfter(trusted, first.said)).toBe(trusted);
  expect(trustAfter(trusted, second.said)).toBeUndefined();
  const vouched = (by: typeof first, text = `trust/${second.key}\n${second.publicKeyPem}`) => ({
    ...second.said,
    endorsed: { key: by.key, signature: by.sign(text) },
  });
  expect(trustAfter(trusted, vouched(third))).toBeUndefined();
  expect(trustAfter(trusted, vouched(first, "trust/anything"))).toBeUndefined();
  expect(trustAfter(trusted, vouched(first))).toEqual({
    [first.key]: first.publicKeyPem,
    [second.key]: second.publicKeyPem,
  });
});

test("a key under another key's name, or none at all, is not believed", () => {
  const [first, second] = [central(), central()];
  expect(trustAfter({}, { key: "central", publicKey: first.publicKeyPem })).toBeUndefined();
  const swapped = { key: first.key, publicKey: second.publicKeyPem };
  expect(trustAfter({ [first.key]: first.publicKeyPem }, swapped)).toBeUndefined();
  expect(trustAfter({}, { key: first.key, publicKey: "torn" })).toBeUndefined();
});

test("the key is kept in its file, and a changed one is said once and changes nothing", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "rackwatch-trust-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  mkdirSync(join(dataDir, "sync"));
  const { log, entries } = memoryLog();
  const trust = new Trust({ dataDir, log, text: syncText.en });
  const [first, second] = [central(), central()];
  expect(trust.learn(first.said)).toBe(true);
  const file = join(dataDir, "sync", "trust.json");
  const { mtimeMs } = statSync(file);
  expect([trust.learn(first.said), trust.learn(second.said), trust.learn(second.said)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(statSync(file).mtimeMs).toBe(mtimeMs);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ [first.key]: first.publicKeyPem });
  expect(entries.filter(({ level }) => level === "error")).toHaveLength(1);
});
