import fc from "fast-check";
import { expect, test } from "vitest";
import { Contact, chatterEdgesMax } from "./contact.ts";
import type { Level } from "./plan.ts";

function levelAt(index: number): Level {
  return index % 2 === 0 ? 1 : 0;
}

test("the level at the start counts at once; a change counts when it has stood for the debounce time", () => {
  const contact = new Contact(50, 0, 1_000);
  expect(contact.state).toEqual({ level: 0, sinceMs: 1_000, chatters: false });
  contact.see(1, 2_000);
  expect(contact.settle(2_049)).toBeUndefined();
  expect(contact.dueMs).toBe(2_050);
  expect(contact.settle(2_050)).toEqual({ level: 1, sinceMs: 2_000, chatters: false });
  expect(contact.dueMs).toBeUndefined();
});

test("a bounce that ends where it began is nothing", () => {
  const contact = new Contact(50, 0, 0);
  contact.see(1, 10);
  contact.see(0, 12);
  expect(contact.settle(1_000)).toBeUndefined();
  expect(contact.dueMs).toBeUndefined();
});

test("a level that is seen again without an edge changes nothing and is no chatter", () => {
  const contact = new Contact(50, 1, 0);
  for (let at = 0; at < 1_000; at += 1) contact.see(1, at);
  expect(contact.settle(1_000)).toBeUndefined();
});

test("a contact that chatters is told once, and told well again after a quiet second", () => {
  const contact = new Contact(5, 0, 0);
  for (let edge = 0; edge < 2 * chatterEdgesMax; edge += 1) contact.see(levelAt(edge), edge);
  const last = 2 * chatterEdgesMax - 1;
  expect(contact.settle(last)).toMatchObject({ level: 0, chatters: true });
  expect(contact.settle(last + 500)).toBeUndefined();
  expect(contact.dueMs).toBe(last + 1_000);
  expect(contact.settle(last + 1_000)).toMatchObject({ level: 0, chatters: false });
});

test("whatever bounced, the last level that stands wins, after its time and never before", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 30 }), (gaps) => {
      const contact = new Contact(50, 0, 0);
      let at = 0;
      let shown: Level = 0;
      for (const [index, gap] of gaps.entries()) {
        const seen = contact.settle(at + gap - 1);
        if (seen !== undefined) {
          expect(at + gap - 1 - seen.sinceMs).toBeGreaterThanOrEqual(50);
          shown = seen.level;
        }
        at += gap;
        contact.see(levelAt(index), at);
      }
      const end = contact.settle(at + 2_000);
      expect(end?.level ?? shown).toBe(gaps.length === 0 ? 0 : levelAt(gaps.length - 1));
    }),
  );
});
