import fc from "fast-check";
import { expect, test } from "vitest";
import { warningKinds } from "../../../config/schema/item.ts";
import { findingKey } from "./finding.ts";
import { type About, parseFindingKey } from "./finding-of-key.ts";

const id = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/);
const lot = fc.stringMatching(/^[!"%-?A-Z_a-z]{1,20}$/);
const about = fc
  .record({
    kind: fc.constantFrom(...warningKinds),
    location: id,
    item: fc.option(id, { nil: undefined }),
    lot: fc.option(lot, { nil: undefined }),
    days: fc.integer({ min: 0, max: 3_660 }),
  })
  .map(
    ({ kind, location, item, lot: batch, days }): About => ({
      kind,
      location,
      ...(item === undefined ? {} : { item }),
      ...(batch === undefined ? {} : { lot: batch }),
      ...(kind === "near-expiry" ? { tierDays: days } : {}),
    }),
  );

test("what a finding is about can be read from its key, whatever characters a lot has", () => {
  fc.assert(
    fc.property(about, (given) => {
      expect(parseFindingKey(findingKey(given))).toEqual(given);
    }),
  );
});

test.each([
  ...["cold-2-warm", "gateway:store", "stock:", "stock:out", "stock:out:", "stock:gone:a:b"],
  ...["stock:near-expiry:a:b", "stock:near-expiry-x:a:b:c", "stock:out-3:a:b", "stock:out:%:b"],
  ...[
    "stock:out:a:b:c:d",
    "stock:out:a%2Db:c",
    "stock:out:a:b c",
    "stock:out:a:b:",
    "stock:out:a:b:c d",
  ],
])("%s is not a key of a finding", (text) => {
  expect(parseFindingKey(text)).toBeUndefined();
});
