import { expect, test } from "vitest";
import { quietSite, raisedTimes } from "../support/quiet-stock-site.ts";

const hour = 3_600_000;
const day = 24 * hour;

const shelf = { cold: { kind: "room" }, "shelf-b": { kind: "shelf", within: "cold" } };

test.each([
  { timezone: "Asia/Shanghai", last: "2027-03-31", midnight: Date.UTC(2027, 2, 31, 16) },
  // Summer time began three days before.
  { timezone: "Europe/Berlin", last: "2027-03-31", midnight: Date.UTC(2027, 2, 31, 22) },
  // The night on which the clock is set back.
  { timezone: "Europe/Berlin", last: "2027-10-31", midnight: Date.UTC(2027, 9, 31, 23) },
])(
  "a lot calls at 90, 30 and 7 days and when its last day is over in $timezone, $last",
  {
    timeout: 120_000,
  },
  async ({ timezone, last, midnight }) => {
    await using cleanup = new AsyncDisposableStack();
    const startAt = midnight - 100 * day;
    const items = { serum: { location: "shelf-b" } };
    const { gateway, client } = await quietSite(cleanup, {
      ...{ timezone, startAt, items, locations: shelf },
    });
    const receipt = {
      kind: "receipt",
      item: "serum",
      location: "shelf-b",
      lot: "L1",
      expires: last,
    };
    await client.book({ ...receipt, quantity: 8, document: "DN-1" }, "otto");
    gateway.tick();
    expect(await client.inForce()).toEqual([]);
    const lot = async () => (await client.line("shelf-b", "serum")).lots[0];

    const seen: string[] = [];
    const note = async (afterDays: number) => {
      for (const key of await client.inForce()) {
        if (!seen.some((line) => line.endsWith(key))) seen.push(`${afterDays} ${key}`);
      }
    };
    for (let gone = 1; gone < 100; gone += 1) {
      await gateway.pass(day);
      await note(gone);
    }
    // It is the same clock time on the last day but one, plus or minus the hour that was given or taken.
    expect(seen.map((line) => line.split(" ")[1])).toEqual([
      "near-expiry-90:shelf-b:serum:L1",
      "near-expiry-30:shelf-b:serum:L1",
      "near-expiry-7:shelf-b:serum:L1",
    ]);
    const days = seen.map((line) => Number(line.split(" ")[0]));
    for (const [index, tier] of [90, 30, 7].entries()) {
      expect(Math.abs(100 - tier - (days[index] ?? 0)), `tier ${tier}`).toBeLessThanOrEqual(1);
    }

    await gateway.pass(day - 60_000);
    expect(await lot()).toMatchObject({ state: "near-expiry", daysLeft: 0 });
    expect((await client.line("shelf-b", "serum")).available).toBe(8);
    await gateway.pass(59_000);
    expect((await lot())?.state).toBe("near-expiry");
    await gateway.pass(2_000);
    expect(await lot()).toMatchObject({ state: "expired", daysLeft: -1 });
    expect(await client.line("shelf-b", "serum")).toMatchObject({ quantity: 8, available: 0 });
    await gateway.pass(3 * day, day);
    expect([...raisedTimes(gateway)].filter(([key]) => key.includes("expir"))).toEqual([
      ["near-expiry-90:shelf-b:serum:L1", 1],
      ["near-expiry-30:shelf-b:serum:L1", 1],
      ["near-expiry-7:shelf-b:serum:L1", 1],
      ["expired:shelf-b:serum:L1", 1],
    ]);

    // It is locked: what is taken all the same is booked, and alarms.
    await client.book({ kind: "pick", item: "serum", location: "shelf-b", lot: "L1", quantity: 1 });
    gateway.tick();
    expect(await client.inForce()).toContain("locked-pick:shelf-b:serum:L1");
    await client.isWhole();
  },
);

test("a newer lot that goes before an older one is told, the right order is not", async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client } = await quietSite(cleanup, {
    startAt: Date.UTC(2026, 10, 23, 8),
    locations: shelf,
    items: { serum: { location: "shelf-b" } },
  });
  const base = { item: "serum", location: "shelf-b" };
  for (const [lot, expires] of [
    ["OLD", "2027-09-30"],
    ["NEW", "2028-09-30"],
  ]) {
    await client.book({ ...base, kind: "receipt", lot, expires, quantity: 5, document: lot });
  }
  const orderly = async () => {
    gateway.tick();
    await client.isWhole();
    return (await client.inForce()).every((key) => !key.startsWith("lot-order"));
  };
  await client.book({ ...base, kind: "pick", lot: "OLD", quantity: 1 });
  expect(await orderly()).toBe(true);
  // Without a lot, the one that expires first is taken.
  await client.book({ ...base, kind: "pick", quantity: 1 });
  const { lots } = await client.line("shelf-b", "serum");
  expect(lots.map(({ lot, quantity }) => [lot, quantity])).toEqual([
    ["OLD", 3],
    ["NEW", 5],
  ]);
  expect(await orderly()).toBe(true);
  await client.book({ ...base, kind: "pick", lot: "NEW", quantity: 1 });
  expect(await orderly()).toBe(false);
  // When one of the older comes back it is there, and a return is no demand that goes out.
  await client.book({ ...base, kind: "put", lot: "OLD", quantity: 1 });
  await orderly();
  expect((await client.line("shelf-b", "serum")).quantity).toBe(8);
});

test("goods of an excursion are held until somebody of quality decides, and nobody else can", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client, devices } = await quietSite(cleanup, {
    startAt: Date.UTC(2026, 10, 23, 8),
    locations: {
      cold: { kind: "room", profile: "vaccine-2-8", temperature: "room/t" },
      "shelf-b": { kind: "shelf", within: "cold" },
      outside: { kind: "shelf" },
    },
    items: { serum: { location: ["shelf-b", "outside"] } },
  });
  for (const location of ["shelf-b", "outside"]) {
    const receipt = { kind: "receipt", item: "serum", location, lot: "A1", expires: "2028-01-31" };
    await client.book({ ...receipt, quantity: 6, document: location });
  }
  const warm = async (celsius: number, minutes: number) => {
    for (let gone = 0; gone < minutes; gone += 1) {
      const sampledAt = devices.clock.now();
      gateway.accept([{ point: "room/t", sampledAt, quality: "good", value: celsius }]);
      await gateway.pass(60_000);
    }
  };
  await warm(5, 5);
  // A door that is open for three minutes is none.
  await warm(9.5, 3);
  await warm(5, 3);
  const state = async (location: string) => (await client.line(location, "serum")).lots[0];
  expect((await state("shelf-b"))?.state).toBe("good");
  await warm(9.5, 20);
  expect(await state("shelf-b")).toMatchObject({ state: "held" });
  expect((await state("shelf-b"))?.hold?.cause).not.toBe("person");
  expect((await state("outside"))?.state).toBe("good");
  expect(await client.line("shelf-b", "serum")).toMatchObject({ quantity: 6, available: 0 });
  await warm(5, 30);
  expect((await state("shelf-b"))?.state).toBe("held");

  await client.book({ kind: "pick", item: "serum", location: "shelf-b", lot: "A1", quantity: 1 });
  gateway.tick();
  expect(await client.inForce()).toContain("locked-pick:shelf-b:serum:A1");

  const release = {
    ...{ location: "shelf-b", item: "serum", lot: "A1", to: "released" },
    comment: "stability data of the maker",
  };
  for (const person of ["vera", "otto", "susan"]) {
    expect((await client.post("/api/stock/releases", release, person)).status, person).toBe(403);
  }
  expect((await client.post("/api/stock/releases", release, "")).status).toBe(401);
  expect((await state("shelf-b"))?.state).toBe("held");
  expect((await client.post("/api/stock/releases", release, "quinn")).status).toBe(200);
  expect((await state("shelf-b"))?.state).toBe("good");
  // A second time there is nothing to release.
  expect((await client.post("/api/stock/releases", release, "quinn")).status).toBeOneOf([404, 409]);
  expect((await client.line("shelf-b", "serum")).available).toBe(5);
  await client.isWhole();
});

test("who may book, import and decide", async () => {
  await using cleanup = new AsyncDisposableStack();
  const { client } = await quietSite(cleanup, {
    startAt: Date.UTC(2026, 10, 23, 8),
    locations: shelf,
    items: { serum: { location: "shelf-b" } },
  });
  const booking = { kind: "receipt", item: "serum", location: "shelf-b", quantity: 1 };
  const status = async (as: string) => (await client.tryBook(booking, as)).status;
  expect(await status("")).toBe(401);
  expect(await status("vera")).toBe(403);
  expect(await status("quinn")).toBe(403);
  expect(await status("otto")).toBe(200);
  const csv = "item,name\nnew-1,New\n";
  const imported = async (kind: string, as: string) =>
    (await client.send(`/api/stock/import/${kind}`, { method: "POST", csv, as })).status;
  expect(await imported("items", "otto")).toBe(403);
  expect(await imported("items", "vera")).toBe(403);
  expect(await imported("items", "susan")).toBe(200);
  const decided = async (as: string) =>
    (await client.post("/api/stock/proposals/x:y:1", { approve: true }, as)).status;
  expect(await decided("otto")).toBe(403);
  expect(await decided("susan")).toBe(404);
});
