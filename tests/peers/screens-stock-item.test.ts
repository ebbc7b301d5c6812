import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { everyDuty } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";
import { serveStock } from "../support/screens/stock-stand-in.ts";
import {
  insulin,
  insulinOutlook,
  movementsOf,
  rackHouse,
  stockLine,
  stockLines,
} from "../support/screens/stock-store.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

const path = `#/stock/shelf-a1/${insulin}`;

function house(language: "en" | "zh" = "en") {
  const now = Date.now();
  return serveStock({
    dir,
    snapshot: rackHouse(now, language),
    lines: stockLines(now, language),
    outlook: insulinOutlook(now, language),
    movements: movementsOf(now, 45),
    session: everyDuty,
  });
}

const looks: readonly [name: string, language: "en" | "zh", options: BrowserContextOptions][] = [
  ["desktop", "en", desktop],
  ["dark-phone", "zh", { ...phone, colorScheme: "dark" }],
];

for (const [name, language, options] of looks) {
  test(`the page of an item is sound with everything unfolded: ${name}, ${language}`, async () => {
    await using server = await house(language);
    await using seen = await visit(browser(), `${server.address}/${path}`, options);
    const { page } = seen;
    await page.locator(".stock-chart canvas").waitFor();
    await page.locator(".movement").first().waitFor();
    await takePicture(page, `stock-item-${name}-${language}`, true);
    for (const summary of await page.locator("summary").all()) await summary.click();
    await expectSound(seen);
    await takePicture(page, `stock-item-why-${name}-${language}`, true);
  });
}

test("every number says how it came about, with the numbers that it was made of", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/${path}`, desktop);
  const { page } = seen;
  const number = (name: string) =>
    page.locator(".item-number").filter({ has: page.locator(`dt:text-is("${name}")`) });
  await number("On hand").waitFor();
  const said = async (name: string) => {
    await number(name).locator("summary").click();
    return ((await number(name).textContent()) ?? "").replaceAll(/\s+/g, " ");
  };
  expect(await said("On hand")).toContain("28 pcs and 30 pcs with 95 % certainty");
  expect(await said("Available")).toContain("29 pcs on hand − 12 pcs expired or on hold = 17 pcs");
  expect(await said("Position")).toContain(
    "17 pcs available + 40 pcs on order − 5 pcs reserved = 52 pcs",
  );
  const reorder = await said("Reorder point");
  expect(reorder).toContain("45 pcs from the forecast");
  expect(reorder).toContain(
    "2.93 pcs a day × (5 d lead time + 1 d review) + 30.42 pcs safety stock = 48 pcs",
  );
  expect(reorder).toContain("98 % of cases");
  expect(await said("Lasts")).toContain(
    "(17 pcs available − 5 pcs reserved) ÷ 2.93 pcs a day = 4.1 d",
  );
  expect(await said("Risk to run out")).toMatch(/93 % within 30 d.*more than 12 pcs/);
});

test("lots stand in the order in which they are to be taken, locked ones say why", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/${path}`, desktop);
  const rows = seen.page.locator(".lot-row");
  await rows.first().waitFor();
  const texts = await rows.allInnerTexts();
  expect(texts.map((text) => /A2301|A2299|B2310|Lot not known/.exec(text)?.[0])).toEqual([
    "A2301",
    "A2299",
    "B2310",
    "Lot not known",
  ]);
  expect(texts[0]).toMatch(/Take this first[\s\S]*12 d left[\s\S]*Expires soon/);
  expect(texts[1]).toContain("On hold");
  expect(await rows.nth(1).getByRole("link").getAttribute("href")).toBe(
    "#/excursions/cold-2-warm%237",
  );
  expect(texts[3]).toContain("put aside by li.na");
});

test("warnings stand there with their figures, and the alarm is one press away", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/${path}`, desktop);
  const { page } = seen;
  const warnings = page.locator("#warnings");
  await warnings.getByText("17 pcs, minimum 20 pcs").waitFor();
  await warnings.getByText(/on \d{4}-\d\d-\d\d, probability 93 %/).waitFor();
  // In force without an alarm of its own that is open.
  await warnings.getByText("Near expiry").waitFor();
  await warnings.getByRole("button", { name: "Alarm: Below minimum" }).click();
  await page.getByRole("dialog").waitFor();
  await page.getByRole("dialog").getByText("Insulin below minimum").first().waitFor();
});

test("movements come page by page, each once, with what they are believed by", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/${path}`, phone);
  const rows = seen.page.locator(".movement");
  await rows.first().waitFor();
  expect(await rows.count()).toBe(20);
  const more = seen.page.getByRole("button", { name: "Older ones" });
  await more.click();
  await expect.poll(() => rows.count()).toBe(40);
  await more.click();
  await expect.poll(() => rows.count()).toBe(45);
  expect(await more.count()).toBe(0);
  const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
  expect(texts[0]).toMatch(/−2 pcs Picked 12\.568 kg → 12\.4 kg · scale/);
  expect(texts[1]).toMatch(/\+12 pcs Put lot B2310 · tags/);
  expect(texts[2]).toMatch(/\+40 pcs Receipt li\.lei · PO-4711/);
  expect(texts[3]).toContain("booked 30 pcs, found 29 pcs");
  expect(texts[6]).toContain("some time since");
});

test("a movement changes the page at once, its past and its future as well", async () => {
  const now = Date.now();
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/${path}`, desktop);
  const head = seen.page.locator("#item");
  await head.getByText("29", { exact: true }).waitFor();
  server.move(stockLine(now, { item: insulin, quantity: 27, movedAt: now }));
  await head.getByText("27", { exact: true }).waitFor();
  const asked = server.asked.map((it) => it.path);
  expect(asked.filter((it) => it === "/api/stock/outlook")).toHaveLength(2);
  expect(asked.filter((it) => it === "/api/stock/movements")).toHaveLength(2);
});

test("without history there is no forecast, and it says so instead of a number", async () => {
  const now = Date.now();
  const stock = stockLine(now, { item: insulin, quantity: 9 });
  await using server = await serveStock({
    dir,
    snapshot: { ...rackHouse(now), alarms: [] },
    lines: [stock],
    outlook: { stock, days: [], fan: [] },
  });
  await using seen = await visit(browser(), `${server.address}/${path}`, phone);
  const { page } = seen;
  await page.getByText("No projection yet: there is too little history.").waitFor();
  await page.getByText("not known yet").waitFor();
  await page.getByText("Nothing has moved yet").waitFor();
  expect(await page.locator("#warnings").count()).toBe(0);
  await expectSound(seen);
});
