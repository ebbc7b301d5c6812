import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkCommand } from "../../gateway/cli/check.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { memoryIo } from "../support/command-io.ts";
import { gbkOf } from "../support/gbk.ts";
import { quietSite } from "../support/quiet-stock-site.ts";
import { scratchFolder } from "../support/spine.ts";

const startAt = Date.UTC(2026, 10, 23, 8);
const locations = { "shelf-b": { kind: "shelf" }, "shelf-c": { kind: "shelf" } };

const wiring = {
  version: 1,
  gateway: { id: "g" },
  channels: {
    weighing: {
      driver: "scale",
      port: "tcp://10.0.0.1:4001",
      protocol: "mt-sics",
      devices: { s: {} },
    },
    line: {
      driver: "modbus",
      port: "tcp://10.0.0.2:502",
      devices: {
        plc: {
          unitId: 1,
          points: {
            load: { table: "input", address: 0, type: "float32", unit: "[lb_av]" },
            heat: { table: "input", address: 2, type: "float32", unit: "Cel" },
          },
        },
      },
    },
  },
};

async function checked(more: object) {
  using folder = scratchFolder();
  writeFileSync(join(folder.path, "a.yaml"), JSON.stringify({ ...wiring, ...more }));
  const { io, seen } = memoryIo();
  await runCommand(checkCommand({ ...io, cwd: folder.path }), ["a.yaml"], io);
  return { code: seen.code, text: seen.out + seen.err };
}

const scaled = { a: { kind: "shelf", weight: "s/weight" } };

test.each([
  [
    "a piece that weighs nothing",
    scaled,
    { nut: { location: "a", unitWeight: "0 g" } },
    "items.nut.unitWeight",
  ],
  [
    "a piece of negative weight",
    scaled,
    { nut: { location: "a", unitWeight: "-5 g" } },
    "items.nut.unitWeight",
  ],
  ["a piece without a weight on a scale", scaled, { nut: { location: "a" } }, "nut"],
  [
    "a scale that measures degrees",
    { a: { kind: "shelf", weight: "plc/heat" } },
    { nut: { location: "a", unitWeight: "5 g" } },
    "locations.a.weight",
  ],
  [
    "a location that is nowhere",
    scaled,
    { nut: { location: "b", unitWeight: "5 g" } },
    "items.nut.location",
  ],
  [
    "two items on one scale that is not said to be mixed",
    scaled,
    { nut: { location: "a", unitWeight: "5 g" }, bolt: { location: "a", unitWeight: "9 g" } },
    "a",
  ],
  [
    "two locations on one scale",
    { ...scaled, b: { kind: "shelf", weight: "s/weight" } },
    {},
    "s/weight",
  ],
  [
    "31 February",
    scaled,
    { nut: { location: "a", unitWeight: "5 g", lots: [{ lot: "L", expires: "2027-02-31" }] } },
    "items.nut.lots",
  ],
  ["a slash in an item's name", scaled, { "a/b": { location: "a", unitWeight: "5 g" } }, "a/b"],
  [
    "a negative minimum",
    scaled,
    { nut: { location: "a", unitWeight: "5 g", min: -1 } },
    "items.nut.min",
  ],
  [
    "a minimum above the maximum",
    scaled,
    { nut: { location: "a", unitWeight: "5 g", min: 9, max: 3 } },
    "items.nut",
  ],
  [
    "a name of 201 characters",
    scaled,
    { nut: { location: "a", unitWeight: "5 g", name: "n".repeat(201) } },
    "items.nut.name",
  ],
] as const)("rackwatch check refuses %s and says where", async (_, places, items, where) => {
  const { code, text } = await checked({ locations: places, items });
  expect(code, text).not.toBe(0);
  expect(text).toContain(where);
});

test("a shelf in pounds is a shelf, and an item without a location is told", async () => {
  const pounds = await checked({
    locations: { a: { kind: "shelf", weight: "plc/load", tare: "2 [lb_av]" } },
    items: { nut: { location: "a", unitWeight: "0.1 [lb_av]" } },
  });
  expect(pounds.text).toContain("a.yaml");
  const nowhere = await checked({ locations: scaled, items: { nut: { unitWeight: "5 g" } } });
  expect(nowhere.text).toMatch(/nut/);
});

test("what the booking form cannot mean is refused, and nothing changes", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const items = { nut: { location: "shelf-b" }, oil: { location: "shelf-b", unit: "L" } };
  const { client } = await quietSite(cleanup, { startAt, locations, items });
  const nut = { kind: "receipt", item: "nut", location: "shelf-b", quantity: 5 };
  await client.book(nut);
  const before = await client.movements();
  for (const wrong of [
    { quantity: -5 },
    { kind: "count", quantity: -1 },
    { kind: "pick", quantity: -1 },
    { quantity: 1e308 },
    { quantity: 2e9 },
    { quantity: "5" },
    { quantity: null },
    { quantity: 2.5 },
    { kind: "adjust", quantity: -1 },
    { kind: "transfer", quantity: 1 },
    { kind: "transfer", quantity: 1, to: "shelf-z" },
    { kind: "transfer", quantity: 1, to: "shelf-b" },
    { to: "shelf-c" },
    { item: "bolt" },
    { item: "a/b" },
    { item: "" },
    { item: "n".repeat(200) },
    { location: "shelf-z" },
    { lot: "L", expires: "2027-02-31" },
    { lot: "L", expires: "tomorrow" },
    { lot: "n".repeat(21) },
    { lot: "a b" },
    { note: "n".repeat(501) },
    { colour: "red" },
  ]) {
    const reply = await client.tryBook({ ...nut, ...wrong });
    expect([400, 404, 409], `${JSON.stringify(wrong)} ${reply.text}`).toContain(reply.status);
    expect(reply.body).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  }
  for (const raw of ["NaN", "Infinity", "-Infinity", "1e999"]) {
    const body = JSON.stringify(nut).replace(":5", `:${raw}`);
    const answer = await client.raw("/api/stock/bookings", body, "boss");
    expect(answer.status, raw).toBe(400);
  }
  expect(await client.movements()).toEqual(before);
  await client.isWhole();
});

test("the same booking under the same key is one; another under it is refused", async () => {
  await using cleanup = new AsyncDisposableStack();
  const items = { nut: { location: "shelf-b" } };
  const { client } = await quietSite(cleanup, { startAt, locations, items });
  const nut = { kind: "receipt", item: "nut", location: "shelf-b", quantity: 5, key: "tap-1" };
  expect(await client.book(nut, "otto")).toMatchObject({ repeated: false });
  expect(await client.book(nut, "otto")).toMatchObject({ repeated: true });
  expect((await client.tryBook({ ...nut, quantity: 6 }, "otto")).status).toBe(409);
  expect((await client.line("shelf-b", "nut")).quantity).toBe(5);
  const both = await Promise.all(
    [1, 2, 3].map(() => client.book({ ...nut, key: "tap-2" }, "otto")),
  );
  expect(both.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect((await client.line("shelf-b", "nut")).quantity).toBe(10);
  await client.isWhole();
});

test("files as people have them: GBK, a mark, semicolons, formulas, doubled tags", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { client } = await quietSite(cleanup, {
    ...{ startAt, locations },
    items: { nut: { location: "shelf-b" } },
  });
  const chinese = "货号;名称;库位;单重克\r\nscrew;螺丝;shelf-b;4,5\r\nwasher;垫圈;shelf-c;1,2\r\n";
  const mark = [0xef, 0xbb, 0xbf];
  const bytes = Uint8Array.from([...mark, ...gbkOf(chinese)]);
  const read = await client.import("items", bytes);
  expect(read).toMatchObject({ rows: 2, landed: 2, bad: [], delimiter: ";" });
  const listed = await client.send("/api/items");
  expect(listed.text).toContain("螺丝");
  expect(listed.text).toContain("垫圈");

  const formulas = [
    "kind,item,location,quantity,document",
    'receipt,nut,shelf-b,"=HYPERLINK(""http://x"",""5"")",D1',
    "receipt,nut,shelf-b,=1+1,D2",
    "receipt,nut,shelf-b,NaN,D3",
    "receipt,nut,shelf-b,Infinity,D4",
    "receipt,nut,shelf-b,1e308,D5",
    "receipt,a/b,shelf-b,1,D6",
    "count,nut,shelf-b,-3,D7",
    "receipt,nut,shelf-b,3,=cmd|' /C calc'!A0",
    "receipt,nut,shelf-b,4,D9",
  ].join("\n");
  const told = await client.import("movements", formulas);
  expect(told.bad.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  for (const { reason } of told.bad) expect(reason.length).toBeGreaterThan(3);
  expect(told.landed).toBe(1);
  expect((await client.line("shelf-b", "nut")).quantity).toBe(4);

  const epc = "3074257BF7194E4000001A85";
  const tags = `epc,item\n${epc},nut\n${epc},screw\n`;
  const twice = await client.import("tags", tags);
  expect(twice).toMatchObject({ landed: 1, bad: [{ line: 3 }] });
  const other = await client.import("tags", `epc,item\n${epc},screw\n`);
  expect(other).toMatchObject({ landed: 0, bad: [{ line: 2 }] });
  expect(other.bad[0]?.reason).toContain("nut");

  const wrongDate = "item,location,lot,expires,quantity\nnut,shelf-b,L1,2027-02-31,5\n";
  expect((await client.import("counts", wrongDate)).bad).toMatchObject([
    { line: 2, column: "expires" },
  ]);
  const none = await client.send("/api/stock/import/items", {
    method: "POST",
    csv: "PK\u0003\u0004",
    as: "boss",
  });
  expect(none.status).toBe(400);
  await client.isWhole();
});

test("what an export gives, an import reads back; text that a spreadsheet would run is harmless", async () => {
  await using cleanup = new AsyncDisposableStack();
  const items = { nut: { location: "shelf-b", name: "=1+1" } };
  const { client } = await quietSite(cleanup, { startAt, locations, items });
  const nut = { item: "nut", location: "shelf-b" };
  await client.book({ ...nut, kind: "receipt", lot: "L1", expires: "2028-01-31", quantity: 5 });
  await client.book({ ...nut, kind: "issue", lot: "L1", quantity: 2, note: "@SUM(A1)" });
  const stock = (await client.send("/api/stock/export/stock.csv")).text;
  expect(stock).not.toMatch(/(^|,)"?[=@+]/m);
  const movements = (await client.send("/api/stock/export/movements.csv")).text;
  expect(movements).not.toMatch(/(^|,)"?[=@]/m);
  const back = await client.import("counts", stock);
  expect(back.bad).toEqual([]);
  expect((await client.line("shelf-b", "nut")).quantity).toBe(3);
  await client.isWhole();
});
