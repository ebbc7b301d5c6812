import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sections } from "../../../config/managed-sections.ts";
import { composed, givenBy, ownOf, pick, replaced } from "./composition.ts";
import { difference, sectionText } from "./section-text.ts";

const entries = fc.dictionary(
  fc.constantFrom("a", "b", "c", "__proto__", "toString"),
  fc.record({ above: fc.integer({ min: 0, max: 3 }) }),
  { maxKeys: 4 },
);
const sections: fc.Arbitrary<Sections> = fc.record(
  { rules: entries, items: entries },
  { requiredKeys: [] },
);

test("a gateway's own entries go before what its groups give, and nothing else is lost", () => {
  fc.assert(
    fc.property(sections, sections, (given, own) => {
      const whole = composed(given, own);
      for (const name of ["rules", "items"] as const) {
        const all = Object.entries(whole[name] ?? {});
        for (const [key, entry] of all) {
          const mine = own[name];
          const from = mine !== undefined && Object.hasOwn(mine, key) ? mine : given[name];
          expect(from?.[key]).toEqual(entry);
        }
        const keys = { ...given[name], ...own[name] };
        expect(all.map(([key]) => key).sort()).toEqual(Object.keys(keys).sort());
      }
    }),
  );
});

test("without a group a gateway has its own again", () => {
  fc.assert(
    fc.property(sections, sections, (given, own) => {
      expect(composed({}, own)).toEqual(own);
      const mine = ownOf(composed(given, own), given);
      expect(composed(given, mine)).toEqual(composed(given, own));
    }),
  );
});

test("of two groups with an entry of one name the one that sorts last gives it", () => {
  const group = (name: string, above: number) => ({ name, sections: { rules: { a: { above } } } });
  expect(givenBy([group("b", 2), group("a", 1)])).toEqual({ rules: { a: { above: 2 } } });
});

test("a section that nobody fills any more is told empty, so that it is emptied", () => {
  expect(pick({}, ["rules"])).toEqual({ rules: {} });
  expect(replaced({ rules: { a: 1 }, items: { b: 2 } }, { rules: {} })).toEqual({
    ...{ rules: {}, items: { b: 2 } },
  });
});

test("the same sections have the same text, however they were written; a secret is its name", () => {
  const one = sectionText({ rules: { b: { y: 1, x: "是" }, a: {} } });
  expect(one).toBe(sectionText({ rules: { a: {}, b: { x: "是", y: 1 } } }));
  const secret = { notify: { n: { telegram: { token: { "!secret": "bot" }, chat: "7" } } } };
  expect(sectionText(secret)).toContain("token: !secret bot");
});

test("a difference takes the first text to the second", () => {
  fc.assert(
    fc.property(sections, sections, (before, after) => {
      const lines = difference(before, after).split("\n");
      const sign = (of: string) => lines.filter((line) => line.startsWith(of)).length;
      const count = (of: Sections) =>
        Object.keys(of).length === 0 ? 0 : sectionText(of).trimEnd().split("\n").length;
      expect(count(after) - count(before)).toBe(sign("+ ") - sign("- "));
      if (sectionText(before) === sectionText(after)) expect(sign("+ ") + sign("- ")).toBe(0);
    }),
  );
});
