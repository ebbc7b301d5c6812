import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openSigningKey } from "./signing-key.ts";

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "keys");
}

test("the key is made once, for central's user alone, and what it signs anybody can verify", () => {
  const folder = folderOf();
  const first = openSigningKey({ folder });
  const again = openSigningKey({ folder });
  expect(again.key).toBe(first.key);
  expect(readdirSync(folder)).toEqual(["signing-key.pem"]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "signing-key.pem")).mode & 0o777).toBe(0o600);
  const signature = again.sign("limits of 冷库");
  expect(signature).toMatch(/^[\w-]{86}$/);
  const shown = createPublicKey(first.publicKeyPem);
  const holds = (text: string) =>
    verify(null, Buffer.from(text), shown, Buffer.from(signature, "base64url"));
  expect([holds("limits of 冷库"), holds("limits of 冷库!")]).toEqual([true, false]);
  const secret = readFileSync(join(folder, "signing-key.pem"), "utf8").split("\n")[1] ?? "";
  expect(inspect(again, { depth: 9, showHidden: true }) + JSON.stringify(again)).not.toContain(
    secret,
  );
});

test("a credential of systemd goes before the folder, which stays unmade", () => {
  const folder = folderOf();
  const elsewhere = openSigningKey({ folder: folderOf() });
  const credentialsDir = mkdtempSync(join(tmpdir(), "rackwatch-credentials-"));
  onTestFinished(() => rmSync(credentialsDir, { recursive: true, force: true }));
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(join(credentialsDir, "signing-key"), pem);
  const key = openSigningKey({ folder, credentialsDir });
  expect(key.key).not.toBe(elsewhere.key);
  expect(() => statSync(folder)).toThrow("ENOENT");
});

test("another kind of key, or none at all, in its place is an error that says which file", () => {
  const folder = folderOf();
  openSigningKey({ folder });
  const file = join(folder, "signing-key.pem");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }));
  expect(() => openSigningKey({ folder })).toThrow("not of kind ed25519");
  writeFileSync(file, "torn");
  expect(() => openSigningKey({ folder })).toThrow("cannot be read");
});
