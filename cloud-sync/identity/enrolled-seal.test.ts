import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { centralSealKeys, enrolledSealKeys } from "./enrolled-seal.ts";
import { keyName } from "./key-name.ts";

function pair(gateway = "gw-1") {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const central = generateKeyPairSync("ed25519");
  const pem = (key: typeof own.publicKey) => key.export({ type: "spki", format: "pem" }).toString();
  const name = keyName(createPublicKey(own.privateKey));
  const key = keyName(central.publicKey);
  const at = {
    gateway: enrolledSealKeys(
      gateway,
      () => ({ name, key: own.privateKey }),
      () => ({
        [key]: pem(central.publicKey),
      }),
    ),
    central: centralSealKeys(
      gateway,
      { [name]: pem(own.publicKey) },
      {
        key,
        sign: (bytes) => sign(null, bytes, central.privateKey).toString("base64url"),
      },
    ),
  };
  return at;
}

const bytes = Buffer.from("rows of 冷库");

test("what one side seals the other one knows, for that purpose and those bytes only", () => {
  const { gateway, central } = pair();
  for (const [from, to] of [
    [gateway, central],
    [central, gateway],
  ] as const) {
    const seal = from.seal("hello/7f3a", bytes);
    expect(to.verify("hello/7f3a", bytes, seal)).toBe(true);
    expect(to.verify("answer/7f3a", bytes, seal)).toBe(false);
    expect(to.verify("hello/7f3a", Buffer.from("other rows"), seal)).toBe(false);
    expect(to.verify("hello/7f3a", bytes, { ...seal, key: "toString" })).toBe(false);
    expect(to.verify("hello/7f3a", bytes, { ...seal, value: "" })).toBe(false);
  }
});

test("seals of another gateway, and of another company, are none", () => {
  const [ours, theirs, other] = [pair(), pair(), pair("gw-2")];
  const seal = theirs.gateway.seal("hello/1", bytes);
  expect(ours.central.verify("hello/1", bytes, seal)).toBe(false);
  expect(ours.central.verify("hello/1", bytes, other.gateway.seal("hello/1", bytes))).toBe(false);
});
