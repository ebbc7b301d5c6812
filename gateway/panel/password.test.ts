import { expect, test } from "vitest";
import { hashPassword, isOutdated, verifyPassword } from "./password.ts";

test("a hash names its parameters, is salted, and only its password fits", async () => {
  const [one, two] = await Promise.all([hashPassword("秘密 ä"), hashPassword("秘密 ä")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword("秘密 ä", one)).toBe(true);
  expect(await verifyPassword("秘密 ä", two)).toBe(true);
  expect(await verifyPassword("秘密 a", one)).toBe(false);
  expect(isOutdated(one)).toBe(false);
});

test("a composed and a decomposed letter are the same password", async () => {
  expect(await verifyPassword("u\u0308ber", await hashPassword("\u00fcber"))).toBe(true);
});

test("a hash of other parameters still fits and is called outdated", async () => {
  // The parameters of an earlier program: far too cheap.
  const { argon2Sync } = await import("node:crypto");
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync("argon2id", {
    message: "old",
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 8,
    passes: 1,
  });
  const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  const hash = `$argon2id$v=19$m=8,t=1,p=1$${text(nonce)}$${text(tag)}`;
  expect(await verifyPassword("old", hash)).toBe(true);
  expect(await verifyPassword("new", hash)).toBe(false);
  expect(isOutdated(hash)).toBe(true);
});

test("text that is no hash fits no password", async () => {
  expect(await verifyPassword("", "")).toBe(false);
  expect(await verifyPassword("x", "$argon2id$v=19$m=8$x")).toBe(false);
});

test("hashing does not hold up the event loop", async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await Promise.all([hashPassword("a"), hashPassword("b"), hashPassword("c")]);
  clearInterval(timer);
  // Computed on the loop, all three would be over before the first turn.
  expect(turns).toBeGreaterThan(3);
});
