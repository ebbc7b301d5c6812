import { expect, test } from "vitest";
import { z } from "zod";
import { configSchema } from "../../../config/schema/config.ts";
import { LedgerWorld, noon } from "../../../tests/support/ledger-world.ts";
import { auditOf } from "../../audit/audit-of.ts";
import { eventBytesMax } from "../../store/storable.ts";
import { ItemBook } from "../items/item-book.ts";
import { balanceEvents } from "./balance-events.ts";

const bodySchema = z.object({
  part: z.number(),
  parts: z.number(),
  balances: z.array(z.record(z.string(), z.unknown())),
});

function world(items: Readonly<Record<string, unknown>>) {
  const config = configSchema.parse({
    ...{ version: 1, gateway: { id: "wh1" } },
    ...{ locations: { "shelf-1": { kind: "room" } }, items },
  });
  const books = new LedgerWorld();
  return { ledger: books.ledger, books, items: new ItemBook(config, new Map()) };
}

const put = (item: string, quantity: number, lot?: string) => ({
  ...{ kind: "put" as const, item, location: "shelf-1", quantity, unit: "pcs" as const },
  ...{ at: noon, clock: "synchronized" as const, evidence: { by: "weight" as const } },
  ...(lot === undefined ? {} : { lot }),
});

test("each start says what is there, lot by lot, with names and units, and what is gone with zero", () => {
  const { ledger, items, books } = world({ bolt: { name: "Bolt M8", location: "shelf-1" } });
  books.receive([], put("bolt", 10, "A"), put("bolt", 2, "B"), put("nut", 3));
  books.receive([], { ...put("nut", -3), kind: "pick" });
  const [event, ...more] = balanceEvents({ ledger, items }, noon);
  expect(more).toEqual([]);
  const { balances } = bodySchema.parse(event?.body);
  expect(balances).toHaveLength(3);
  expect(balances).toContainEqual({
    ...{ location: "shelf-1", item: "bolt", lot: "A", quantity: 10, unit: "pcs" },
    ...{ name: "Bolt M8", movedAt: noon },
  });
  expect(balances.find(({ item }) => item === "nut")).toMatchObject({ quantity: 0 });
});

test("many balances are told in parts that the store takes, and are on no audit trail", () => {
  const { ledger, items, books } = world({ bolt: { location: "shelf-1" } });
  books.receive([], ...Array.from({ length: 1_500 }, (_, n) => put(`item-${n}`, n + 1)));
  const events = balanceEvents({ ledger, items }, noon);
  const bodies = events.map(({ body }) => bodySchema.parse(body));
  expect(events.length).toBeGreaterThan(2);
  expect(bodies.map(({ part }) => part)).toEqual(events.map((_, index) => index + 1));
  expect(bodies.flatMap(({ balances }) => balances)).toHaveLength(1_500);
  for (const { kind, body } of events) {
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(eventBytesMax);
    expect(auditOf({ kind, body, at: noon, mono: 1 })).toBeUndefined();
  }
});

test("a gateway without items says nothing, one with items and an empty ledger says that it has none", () => {
  expect(balanceEvents(world({}), noon)).toEqual([]);
  const [event] = balanceEvents(world({ bolt: { location: "shelf-1" } }), noon);
  expect(event?.body).toMatchObject({ part: 1, balances: [] });
});
