import fc from "fast-check";
import { expect, test } from "vitest";
import { testSigner } from "../../tests/support/down-suite.ts";
import type { Inbox, SignedMessage } from "../protocol-down.ts";
import { take } from "./take.ts";

const central = testSigner("k");
const other = testSigner("k");
const keys = { k: central.publicKeyPem };

function said(number: number, change: Readonly<Record<string, unknown>> = {}, signer = central) {
  const text = JSON.stringify({
    ...{ gateway: "gw", number, issuedAt: 1, by: "Li Wei" },
    body: { kind: "command", id: `c${number}`, action: "silence" },
    ...change,
  });
  return { number, text, key: signer.key, signature: signer.sign(text) };
}

const answer = (after: number | undefined, messages: readonly SignedMessage[]): Inbox => ({
  ...{ messages: [...messages], generation: "g", serverTime: 0 },
  ...(after === undefined ? {} : { after }),
});
const numbers = (inbox: Inbox, held: number) =>
  take(inbox, "gw", held, keys).messages.map(({ number }) => number);

test("messages are taken in order, with the number that each follows", () => {
  const { messages, refused } = take(answer(3, [said(4), said(7)]), "gw", 3, keys);
  expect(refused).toBeUndefined();
  expect(messages.map(({ number, follows }) => [number, follows])).toEqual([
    [4, 3],
    [7, 4],
  ]);
});

test.each([
  ["forged", said(1, {}, other)],
  ["forged", { ...said(1), text: said(1).text.replace("silence", "silencE") }],
  ["unknown-key", { ...said(1), key: "another" }],
  ["other-gateway", said(1, { gateway: "gw-2" })],
  ["other-number", { ...said(2), number: 1 }],
  ["unreadable", said(1, { body: { kind: "shell", run: "rm" } })],
] as const)("what is %s is not taken, nor is what comes behind it", (why, message) => {
  expect(take(answer(0, [message, said(2)]), "gw", 0, keys)).toEqual({
    messages: [],
    refused: why,
  });
});

test("what came before something forged is taken", () => {
  const taken = take(answer(0, [said(1), said(2, {}, other)]), "gw", 0, keys);
  expect([taken.messages.length, taken.refused]).toEqual([1, "forged"]);
});

test("a hole is believed only where central says what it was asked for", () => {
  expect(take(answer(undefined, [said(1), said(3)]), "gw", 0, keys).refused).toBe("hole");
  expect(take(answer(undefined, [said(3)]), "gw", 0, keys).refused).toBe("hole");
  expect(numbers(answer(undefined, [said(3)]), 2)).toEqual([3]);
  expect(numbers(answer(0, [said(3)]), 0)).toEqual([3]);
  expect(take(answer(5, [said(6)]), "gw", 3, keys).refused).toBe("hole");
  expect(take(answer(2, [said(2)]), "gw", 2, keys).refused).toBe("other-number");
});

test("of answers that are lost, late or doubled each message is taken once and in order", () => {
  const question = fc.record({
    lost: fc.boolean(),
    again: fc.nat(4),
    most: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(question, { maxLength: 20 }), (questions) => {
      const all = Array.from({ length: 12 }, (_, index) => said(index + 1));
      const kept: number[] = [];
      const answers: Inbox[] = [];
      const read = (inbox: Inbox) => kept.push(...numbers(inbox, kept.at(-1) ?? 0));
      for (const { lost, again, most } of questions) {
        const after = kept.at(-1) ?? 0;
        answers.push(answer(after, all.slice(after, after + most)));
        const newest = answers.at(-1);
        if (!lost && newest !== undefined) read(newest);
        const late = answers[again];
        if (late !== undefined) read(late);
      }
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => index + 1));
    }),
  );
});
