import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ageOf, clockBehindMsMax } from "./expiry.ts";
import { messageCharsMax } from "./message.ts";
import { configurationCharsMax, configurationEvents, partCharsMax } from "./outcome.ts";
import { hear } from "./said.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const trust = { k1: publicKey.export({ type: "spki", format: "pem" }).toString() };
const said = {
  ...{ gateway: "gw", number: 7, issuedAt: 1, by: "Wang" },
  body: { kind: "command", id: "c", action: "silence" },
};

function rowOf(message: unknown, more: object = {}) {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  const signature = sign(null, Buffer.from(text), privateKey).toString("base64url");
  return { number: 7, text, key: "k1", signature, receivedAt: 0, ...more };
}

test("what central signed for this gateway under this number is heard", () => {
  expect(hear(rowOf(said), "gw", trust)).toEqual({ ok: true, message: said });
});

test.each([
  ["a key that nobody told", rowOf(said, { key: "k2" }), "unknown-key"],
  ["a key named like part of every object", rowOf(said, { key: "constructor" }), "unknown-key"],
  [
    "another text under the signature",
    { ...rowOf(said), text: JSON.stringify({ ...said, by: "Li" }) },
    "forged",
  ],
  ["a signature that is none", rowOf(said, { signature: "A".repeat(86) }), "forged"],
  ["a message for another gateway", rowOf({ ...said, gateway: "gw2" }), "other-gateway"],
  ["an old message under a new number", rowOf(said, { number: 8 }), "other-number"],
  ["no JSON", rowOf("{"), "unreadable"],
  [
    "an action of a later version",
    rowOf({ ...said, body: { ...said.body, action: "dance" } }),
    "unreadable",
  ],
  ["too long a text", rowOf(" ".repeat(messageCharsMax + 1)), "unreadable"],
])("not believed: %s", (_, row, why) => {
  expect(hear(row, "gw", trust)).toMatchObject({ ok: false, why });
});

test("no change of a single character of a text is believed", () => {
  const row = rowOf(said);
  fc.assert(
    fc.property(
      fc.nat(row.text.length - 1),
      fc.string({ minLength: 1, maxLength: 1 }),
      (at, sign) => {
        const text = row.text.slice(0, at) + sign + row.text.slice(at + 1);
        if (text !== row.text) expect(hear({ ...row, text }, "gw", trust).ok).toBe(false);
      },
    ),
  );
});

test("a key that is no key believes nothing", () => {
  expect(hear(rowOf(said), "gw", { k1: "none" })).toMatchObject({ ok: false, why: "forged" });
});

const issuedAt = Date.UTC(2026, 10, 1);
const message = { issuedAt, expiresAt: issuedAt + 300_000 };

test.each([
  ["in time", issuedAt + 1_000, "synchronized", 0, "good"],
  ["on the second", issuedAt + 300_000, "synchronized", 0, "good"],
  ["late", issuedAt + 300_001, "synchronized", 0, "expired"],
  ["late by a clock that nobody keeps", issuedAt + 300_001, "unsynchronized", 0, "expired"],
  [
    "in time by the clock, but it waited here for longer",
    issuedAt + 1_000,
    "synchronized",
    300_001,
    "expired",
  ],
  ["a clock of 1970", 5_000, "unset", 0, "unset"],
  ["a clock of 1970, and it waited for longer", 5_000, "unset", 300_001, "expired"],
  ["a clock somewhat behind", issuedAt - clockBehindMsMax, "unsynchronized", 0, "good"],
  ["a clock far behind", issuedAt - clockBehindMsMax - 1, "unsynchronized", 0, "behind"],
] as const)("age: %s", (_, now, quality, waitedMs, age) => {
  expect(ageOf(message, now, quality, waitedMs)).toBe(age);
});

test("what does not expire is never too old", () => {
  expect(ageOf({ issuedAt }, 0, "unset", 1e12)).toBe("good");
});

test("sections in parts: joined they are what they were, and no character is cut in two", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), fc.nat(300), (text, count) => {
      const sections = { rules: { a: { message: text.toWellFormed().repeat(count) } } };
      const parts = configurationEvents("d", 1, sections);
      const json = JSON.stringify(sections);
      if (json.length > configurationCharsMax)
        return expect(parts).toEqual([{ digest: "d", serial: 1, part: 1, parts: 1 }]);
      expect(parts.map((part) => part.text).join("")).toBe(json);
      for (const { text: slice = "" } of parts) {
        expect(slice.length).toBeLessThanOrEqual(partCharsMax);
        expect(slice.isWellFormed()).toBe(true);
      }
      return undefined;
    }),
    { numRuns: 20 },
  );
});
