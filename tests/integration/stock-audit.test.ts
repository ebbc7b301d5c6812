import { expect, onTestFinished, test } from "vitest";
import { verifyTrail } from "../../gateway/audit/verify.ts";
import { quietSite } from "../support/quiet-stock-site.ts";

const day = Date.UTC(2026, 10, 23, 8);

test("what a person does with the stock is one entry each on the audit trail, with the person and from what to what", async () => {
  const cleanup = new AsyncDisposableStack();
  onTestFinished(() => cleanup.disposeAsync());
  const { gateway, client } = await quietSite(cleanup, {
    startAt: day,
    locations: { bay: { kind: "room" } },
    items: { nut: { location: "bay", min: 5 } },
  });
  const place = { item: "nut", location: "bay" };
  await client.book({ ...place, kind: "receipt", quantity: 10, lot: "A1", document: "D-1" });
  await client.book({ ...place, kind: "count", quantity: 8, lot: "A1", key: "k1" }, "susan");
  await client.book({ ...place, kind: "count", quantity: 8, lot: "A1", key: "k1" }, "susan");
  const comment = "smells odd";
  const lot = { ...place, lot: "A1" };
  expect((await client.post("/api/stock/holds", { ...lot, comment }, "susan")).status).toBe(200);
  const release = { ...lot, to: "released", comment: "looked at it" };
  expect((await client.post("/api/stock/releases", release, "quinn")).status).toBe(200);
  const csv = "kind,item,location,quantity,document\nreceipt,nut,bay,4,D-2\n";
  await client.import("movements", csv, "susan");

  const trail = gateway.store.audit(0, 1_000);
  expect(verifyTrail(trail)).toMatchObject({ ok: true });
  const entries = trail.filter(({ action }) => action.startsWith("stock."));
  expect(entries.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
    "boss stock.booked",
    "susan stock.booked",
    "susan stock.hold",
    "quinn stock.released",
    "susan stock.imported",
  ]);
  expect(entries.map(({ data }) => data)).toMatchObject([
    { kind: "receipt", item: "nut", quantity: 10, document: "D-1", before: 0, after: 10 },
    { kind: "count", quantity: 8, before: 10, after: 8 },
    { lot: "A1", comment },
    { lot: "A1", comment: "looked at it" },
    { what: "movements", landed: 1 },
  ]);
});
