import { expect, test, vi } from "vitest";
import { importText } from "../../../config/language/import.ts";
import { importAll, importFacts } from "../../../tests/support/import-world.ts";
import { badRowsNamedMax } from "./read-import.ts";

// Files of thousands of rows on a machine that others load too.
vi.setConfig({ testTimeout: 60_000 });

const itemHeading =
  "sku,name,uom,unit_weight_g,tare_g,min,reorder,max,lead_days,lead_sd,batch,expiry";

/** 螺丝,支 ... as GBK bytes: TextEncoder knows only UTF-8. */
function gbk(text: string): Buffer {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(gbkBytes.get(character) ?? []));
  }
  return Buffer.from(bytes);
}

const gbkBytes = new Map<string, readonly number[]>();
for (let high = 0xa1; high <= 0xf7; high += 1) {
  for (let low = 0xa1; low <= 0xfe; low += 1) {
    const character = new TextDecoder("gb18030").decode(Uint8Array.of(high, low));
    gbkBytes.set(character, [high, low]);
  }
}

test("an item list lands, each row as the configuration would write it", async () => {
  const file = `${itemHeading}\nscrews,Screws M4,pcs,4.2,120,50,80,500,5,1.5,L-7,2027-03-31\n`;
  const { rows, bad, encoding, delimiter } = await importAll("items", file);
  expect(bad).toEqual([]);
  expect({ encoding, delimiter }).toEqual({ encoding: "utf-8", delimiter: "," });
  expect(rows).toEqual([
    {
      kind: "item",
      line: 2,
      id: "screws",
      config: expect.objectContaining({
        ...{ name: "Screws M4", unit: "pcs", unitWeight: 0.0042, container: 0.12 },
        ...{ min: 50, reorderPoint: 80, max: 500, leadTime: 432_000_000 },
        ...{ leadTimeSpread: 129_600_000, lots: [{ lot: "L-7", expires: "2027-03-31" }] },
      }),
    },
  ]);
});

const chinese =
  "货号;名称;单位;单重(克);最低库存;批号;有效期\nscrews;螺丝;支;4,2;50;L-7;2027年3月31日\nbad;=1+2;件;4;1;;\n";

test.each([
  ["GBK without a mark", gbk(chinese), "gb18030"],
  [
    "GBK behind the mark of UTF-8",
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), gbk(chinese)]),
    "gb18030",
  ],
  [
    "GB 18030 with its mark",
    Buffer.concat([Buffer.from([0x84, 0x31, 0x95, 0x33]), gbk(chinese)]),
    "gb18030",
  ],
  ["UTF-8 with its mark", Buffer.from(`\uFEFF${chinese}`), "utf-8"],
  ["UTF-8 without a mark", Buffer.from(chinese), "utf-8"],
  ["UTF-16", Buffer.from(`\uFEFF${chinese}`, "utf16le"), "utf-16le"],
])("%s is read, with semicolons and Chinese names of columns", async (_what, file, encoding) => {
  for (const chunkBytes of [1, 7, 100_000]) {
    const found = await importAll("items", file, importFacts(), chunkBytes);
    expect(found).toMatchObject({ encoding, delimiter: ";" });
    expect(found.rows).toMatchObject([
      { id: "screws", config: { name: "螺丝", unit: "pcs", unitWeight: 0.0042, min: 50 } },
    ]);
    expect(found.bad).toEqual([
      { line: 3, column: "名称", reason: "is a formula; write the value", text: "=1+2" },
    ]);
  }
});

test("Chinese that comes after megabytes of plain rows still decides about the encoding", async () => {
  const plain =
    "sku,name\n" +
    Array.from({ length: 15_000 }, (_, at) => `item-${at},bolt\n`)
      .join("")
      .slice(0, -1);
  const file = Buffer.concat([Buffer.from(plain), gbk("\nscrews,螺丝\n")]);
  const { rows, encoding } = await importAll("items", file, importFacts(), 65_536);
  expect(encoding).toBe("gb18030");
  expect(rows.at(-1)).toMatchObject({ id: "screws", config: { name: "螺丝" } });
});

const movementHeading = "kind,sku,location,quantity,batch,expiry,note";

test.each([
  ["issue,nuts,shelf-a1,1,,,", "sku", "no such item"],
  ["issue,screws,nowhere,1,,,", "location", "no such location"],
  ["issue,screws,shelf-a1,-1,,,", "quantity", "must not be negative"],
  ["issue,screws,shelf-a1,0,,,", "quantity", "must not be zero"],
  ["issue,screws,shelf-a1,1.5,,,", "quantity", "must be whole pieces"],
  ['issue,screws,shelf-a1,"1,234",,,', "quantity", "two numbers"],
  ["issue,screws,shelf-a1,many,,,", "quantity", "not a number"],
  ["issue,screws,shelf-a1,=2+3,,,", "quantity", "formula"],
  ["issue,screws,,1,,,", "location", "is missing"],
  ["lend,screws,shelf-a1,1,,,", "kind", "must be one of"],
  ["adjust,screws,shelf-a1,-1,,,", "reason", "is missing"],
  ["transfer,screws,shelf-a1,1,,,", "to", "is missing"],
  ["receipt,screws,shelf-a1,1,L1,31/02/2027,", "expiry", "could be swapped"],
  ["receipt,screws,shelf-a1,1,L1,2027-02-31,", "expiry", "no such day"],
  ["receipt,screws,shelf-a1,1,L1,next year,", "expiry", "not a date"],
  ["receipt,screws,shelf-a1,1,,2027-02-01,", "batch", "is missing"],
  ["receipt,screws,shelf-a1,1,批,2027-02-01,", "batch", "not a lot number"],
  ["issue,screws,shelf-a1,1,,,@SUM(A1)", "note", "formula"],
  ["issue,screws", undefined, "is missing"],
  ["issue", undefined, "cells"],
  ["issue,screws,shelf-a1,1,,,,,x", undefined, "9 cells"],
])("a bad row is named and the good ones around it land: %s", async (row, column, reason) => {
  const good = "issue,screws,shelf-a1,2,,,";
  const { rows, bad } = await importAll(
    "movements",
    `${movementHeading}\n${good}\n${row}\n${good}\n`,
  );
  expect(rows.map(({ line }) => line)).toEqual([2, 4]);
  expect(bad[0]).toMatchObject({ line: 3, ...(column === undefined ? {} : { column }) });
  expect(bad[0]?.reason).toContain(reason);
});

test("lines are those of the file, also behind quoted line breaks and empty lines, whatever ends them", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const lines = [
      movementHeading,
      `issue,screws,shelf-a1,1,,,"one${end}two${end}three"`,
      "",
      "issue,nuts,shelf-a1,1,,,",
    ];
    const { rows, bad } = await importAll("movements", lines.join(end) + end);
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(bad.map(({ line }) => line)).toEqual([6]);
  }
  const mixed = `${movementHeading}\r\nissue,screws,shelf-a1,1,,,\nissue,screws,shelf-a1,1,,,\r\nissue,nuts,shelf-a1,1,,,\n`;
  expect((await importAll("movements", mixed)).bad.map(({ line }) => line)).toEqual([4]);
});

test("the same file again has the same keys, and two equal rows have two", async () => {
  const file = `${movementHeading}\nissue,screws,shelf-a1,1,,,\nissue,screws,shelf-a1,1,,,\nissue,screws,shelf-a1,2,,,\n`;
  const keys = async (text: string) =>
    (await importAll("movements", text)).rows.map(
      (row) => row.kind === "booking" && row.booking.key,
    );
  const first = await keys(file);
  expect(new Set(first).size).toBe(3);
  expect(await keys(file)).toEqual(first);
  expect(
    await keys(`sku,kind,quantity,location\nscrews,issue,1,shelf-a1\nscrews,issue,１,shelf-a1\n`),
  ).toEqual(first.slice(0, 2));
});

test("a bar code names the item, its lot and its expiry", async () => {
  const gs = "\u001d";
  const file = `barcode,location,counted\n(01)06901234567892(10)A2301(17)270300,shelf-a1,12\n]C1010690123456789210A2301${gs}17270331,shelf-a2,3\n6901234567892,shelf-a1,0\n6901234567893,shelf-a1,1\n6.90123E+12,shelf-a1,1\n`;
  const { rows, bad } = await importAll("counts", file);
  const booking = { kind: "count", item: "insulin", lot: "A2301", expires: "2027-03-31" };
  expect(rows).toMatchObject([
    { booking: { ...booking, quantity: 12 } },
    { booking: { ...booking, quantity: 3 } },
    { booking: { item: "insulin", quantity: 0 } },
  ]);
  expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
    [5, expect.stringContaining("check digit")],
    [6, expect.stringContaining("column as text")],
  ]);
});

test("a tag that stands twice or is on another item is refused", async () => {
  const rows = [
    "epc,sku,pieces",
    "E28011700000020000000001,screws,10",
    "0xe2801170 0000 0200 0000 0002,screws,",
    "E28011700000020000000001,screws,10",
    "E28011700000020000000099,screws,",
    "3035DF1D67B8E8800000002A,screws,",
    "E2801,screws,",
  ];
  const facts = importFacts({ itemOfGtin: () => "insulin" });
  const found = await importAll("tags", rows.join("\n"), facts);
  expect(found.rows).toMatchObject([
    { tag: { epc: "E28011700000020000000001", pieces: 10 } },
    { tag: { epc: "E28011700000020000000002", pieces: 1 } },
  ]);
  expect(found.bad.map(({ line, reason }) => [line, reason])).toEqual([
    [4, "the tag stands on line 2 already"],
    [5, "the tag is on flour already"],
    [6, "the bar code is that of insulin"],
    [7, expect.stringContaining("not the number of a tag")],
  ]);
});

test("orders without line numbers are numbered within their document", async () => {
  const file =
    "po,sku,location,qty,due\nPO-1,screws,shelf-a1,100,2026-12-01\nPO-1,flour,shelf-a1,2.5,2026-12-02 08:30\nPO-2,screws,shelf-a1,5,\n";
  const { rows } = await importAll("orders", file);
  expect(rows).toMatchObject([
    { order: { document: "PO-1", line: "1", due: Date.UTC(2026, 10, 30, 16) } },
    { order: { document: "PO-1", line: "2", quantity: 2.5, due: Date.UTC(2026, 11, 2, 0, 30) } },
    { order: { document: "PO-2", line: "1" } },
  ]);
});

test("lots of one item on several rows come together, and what they say differently is refused", async () => {
  const file =
    "sku,name,batch,expiry\na,Nut,L1,2027-01-01\na,Nut,L2,2027-02-01\na,Bolt,L3,2027-03-01\n";
  const { rows, bad } = await importAll("items", file);
  expect(rows[1]).toMatchObject({ id: "a", config: { lots: [{ lot: "L1" }, { lot: "L2" }] } });
  expect(bad).toMatchObject([
    { line: 4, column: "sku", reason: "the item stands on line 2 with other values" },
  ]);
});

test.each([
  ["0", "cannot be counted"],
  ["0.2 lb", "pounds"],
  ["3 磅", "pounds"],
  ["12 stone", "not a weight"],
  ["-3", "negative"],
])("a unit weight of %s is refused", async (weight, reason) => {
  const { rows, bad } = await importAll("items", `sku,unit_weight_g\na,${weight}\n`);
  expect(rows).toEqual([]);
  expect(bad[0]?.reason).toContain(reason);
});

test("unknown columns are named and do not stop the file; a missing one does", async () => {
  const { rows, bad } = await importAll("items", "SKU,Colour, Unit Weight (g)\na,red,3\n");
  expect(rows).toMatchObject([{ id: "a", config: { unitWeight: 0.003 } }]);
  expect(bad).toEqual([
    {
      line: 1,
      column: "Colour",
      reason: 'column "Colour" is not known, it was not read',
      text: "Colour",
    },
  ]);
  await expect(importAll("movements", "sku,quantity\na,1\n")).rejects.toMatchObject({
    code: "stock/import",
    message: "the heading is missing or lacks: kind, location",
  });
  await expect(importAll("items", "")).rejects.toMatchObject({ code: "stock/import" });
  await expect(importAll("items", "PK\u0003\u0004xx")).rejects.toMatchObject({
    message: "this is a spreadsheet, not CSV",
  });
});

test("a quote that is not closed ends the file where it stands; what came before has landed", async () => {
  const good = "issue,screws,shelf-a1,1,,,\n";
  const open = 'issue,screws,shelf-a1,1,,,"never closed\n';
  const short = await importAll("movements", `${movementHeading}\n${good}${open}${good}`);
  expect(short.rows.map(({ line }) => line)).toEqual([2]);
  expect(short.bad).toMatchObject([
    { line: 3, reason: expect.stringContaining("quote is not closed") },
  ]);
  const long = await importAll(
    "movements",
    `${movementHeading}\n${good}${open}${good.repeat(5_000)}`,
  );
  expect(long.rows.map(({ line }) => line)).toEqual([2]);
  expect(long.bad).toMatchObject([{ line: 3, reason: expect.stringContaining("too long") }]);
});

test("quotes within a cell stay: inches are no quotation", async () => {
  const { rows } = await importAll("items", 'sku,name\na,3/4" valve\nb,"6"" pipe"\n');
  expect(rows).toMatchObject([{ config: { name: '3/4" valve' } }, { config: { name: '6" pipe' } }]);
});

test("ten thousand rows of which one in a hundred is bad: the others land, each bad one has its line", async () => {
  const rows = Array.from({ length: 10_000 }, (_, at) =>
    at % 100 === 42 ? "issue,screws,shelf-a1,-5,,," : `issue,screws,shelf-a1,${(at % 7) + 1},,,`,
  );
  const found = await importAll(
    "movements",
    `${movementHeading}\n${rows.join("\n")}\n`,
    importFacts({ words: importText.zh }),
    65_536,
  );
  expect(found.rows).toHaveLength(9_900);
  expect(found.bad.map(({ line }) => line)).toEqual(
    Array.from({ length: 100 }, (_, at) => at * 100 + 44),
  );
  expect(found.bad[0]).toEqual({ line: 44, column: "quantity", reason: "不能为负数", text: "-5" });
  expect(found.batches).toBe(51);
});

test("more bad rows than are named are counted", async () => {
  const row = "issue,screws,shelf-a1,-5,,,\n";
  const found = await importAll(
    "movements",
    `${movementHeading}\n${row.repeat(badRowsNamedMax + 25)}`,
  );
  expect(found.bad).toHaveLength(badRowsNamedMax);
  expect(found.badMore).toBe(25);
});

test("bytes that are no text spoil their row only", async () => {
  const file = Buffer.concat([
    Buffer.from("sku,name\na,螺丝螺丝\n"),
    Buffer.from("b,螺丝\n".repeat(12_000)),
    Buffer.from("c,"),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from("d,好\n"),
  ]);
  const found = await importAll("items", file, importFacts(), 65_536);
  expect(found.bad).toMatchObject([{ line: 12_003, reason: expect.stringContaining("encoding") }]);
  expect(found.rows.at(-1)).toMatchObject({ id: "d", config: { name: "好" } });
});

test("rows, bytes and items have an end, which is named; what came before has landed", async () => {
  const limits = { rowsMax: 3, bytesMax: 10_000, itemsMax: 2 };
  const row = "issue,screws,shelf-a1,1,,,\n";
  const all = (kind: "movements" | "items", file: string, most: Partial<typeof limits>) =>
    importAll(kind, file, importFacts(), 1_000, { ...limits, ...most });
  const rows = await all("movements", `${movementHeading}\n${row.repeat(5)}`, {});
  expect(rows.rows).toHaveLength(3);
  expect(rows.bad).toMatchObject([
    { line: 5, reason: expect.stringContaining("more than 3 rows") },
  ]);
  const most = { rowsMax: 10_000 };
  const bytes = await all("movements", `${movementHeading}\n${row.repeat(5_000)}`, most);
  expect(bytes.rows.length).toBeGreaterThan(300);
  expect(bytes.bad).toMatchObject([{ reason: expect.stringContaining("larger than 10000 bytes") }]);
  const items = await all("items", "sku,min\na,1\nb,1\nc,1\na,1\n", most);
  expect(items.rows).toMatchObject([{ id: "a" }, { id: "b" }, { id: "a" }]);
  expect(items.bad).toMatchObject([{ line: 4, reason: "more than 2 items" }]);
});
