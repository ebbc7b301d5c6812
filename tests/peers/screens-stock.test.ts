import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import {
  desktop,
  expectSound,
  phone,
  useBrowser,
  visit,
  wall,
} from "../support/screens/browser.ts";
import { takePicture } from "../support/screens/picture.ts";
import { serveStock } from "../support/screens/stock-stand-in.ts";
import { rackHouse, stockLine, stockLines } from "../support/screens/stock-store.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

const looks: readonly [name: string, language: "en" | "zh", options: BrowserContextOptions][] = [
  ["desktop", "en", desktop],
  ["dark desktop", "zh", { ...desktop, colorScheme: "dark" }],
  ["phone", "zh", phone],
  ["dark phone", "en", { ...phone, colorScheme: "dark" }],
];

function house(language: "en" | "zh" = "en") {
  const now = Date.now();
  return serveStock({ dir, snapshot: rackHouse(now, language), lines: stockLines(now, language) });
}

for (const [name, language, options] of looks) {
  test(`racks and list are sound: ${name}, ${language}`, async () => {
    await using server = await house(language);
    await using seen = await visit(browser(), `${server.address}/#/stock`, options);
    const { page } = seen;
    await page.locator(".stock-cell").first().waitFor();
    expect(await page.locator(".stock-cell").count()).toBe(9);
    await expectSound(seen);
    await takePicture(
      page,
      `stock-${name.replace(" ", "-")}-${language}`,
      name.includes("desktop"),
    );
    await page.goto(`${server.address}/#/stock/%3Fview%3Dlist`);
    await page.locator(".stock-row").first().waitFor();
    expect(await page.locator(".stock-row").count()).toBe(9);
    await expectSound(seen);
    await takePicture(page, `stock-list-${name.replace(" ", "-")}-${language}`);
  });
}

test("each shelf stands in its rack in the order of the configuration, with what its scale does", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/#/stock`, desktop);
  const { page } = seen;
  await page.locator(".stock-cell").first().waitFor();
  expect(await page.locator(".racks h3, .racks h4").allTextContents()).toEqual([
    "Cold room 2",
    "Rack 1",
    "Shelf A1",
    "Shelf A2",
    "Shelf A3",
    "Shelf A4",
    "Cabinet",
  ]);
  const board = (name: string) => page.getByRole("region", { name, exact: true });
  expect(await board("Shelf A1").locator(".board-head .tag").count()).toBe(0);
  await board("Shelf A2").getByText("Moving").waitFor();
  await board("Shelf A3").getByText("12 min old").waitFor();
  await board("Shelf A4").getByText("Scale silent: timeout").waitFor();
  expect(await board("Shelf A3").locator(".stock-old").count()).toBe(2);
  expect(await board("Shelf A1").locator(".stock-old").count()).toBe(0);
});

test("a cell says how much, how sure, what is wrong and how old that is", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/#/stock`, desktop);
  const cell = seen.page.locator(".stock-cell").first();
  await cell.waitFor();
  const text = ((await cell.textContent()) ?? "").replaceAll(/\s+/g, " ");
  expect(text).toContain("29 pcs (28–30)");
  for (const word of ["Below minimum", "Stock-out ahead", "Near expiry", "On hold", "25 min ago"]) {
    expect(text).toContain(word);
  }
  // Once: the state says it, the warning of the same name does not say it again.
  expect(text.match(/Below minimum/g)).toHaveLength(1);
});

test("a pick shows at once, without asking again", async () => {
  const now = Date.now();
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/#/stock`, phone);
  const { page } = seen;
  const cell = page.locator(".stock-cell", { hasText: "vaccine-hb" });
  await cell.getByText("88").waitFor();
  const asked = server.asked.length;
  server.move(
    stockLine(now, {
      item: "vaccine-hb",
      quantity: 12,
      state: "below-minimum",
      warnings: ["below-minimum"],
      movedAt: now,
    }),
  );
  await cell.getByText("12").waitFor();
  await cell.getByText("Below minimum").waitFor();
  expect(server.asked.length).toBe(asked);
  await expectSound(seen);
});

test("search, state and location stand in the address and are there again after a look at an item", async () => {
  await using server = await house();
  await using seen = await visit(browser(), `${server.address}/#/stock`, desktop);
  const { page } = seen;
  const cells = page.locator(".stock-cell");
  await cells.first().waitFor();
  await page.getByLabel("Location").selectOption("rack-1");
  await expect.poll(() => cells.count()).toBe(7);
  await page.getByLabel("State").selectOption("warned");
  await expect.poll(() => cells.count()).toBe(5);
  await page.getByLabel("Search").fill("glov");
  await expect.poll(() => cells.count()).toBe(1);
  await cells.first().click();
  await expect.poll(() => page.url()).toContain("#/stock/shelf-a2/gloves-m");
  await page.getByText("gloves-m is not kept at Shelf A2").waitFor();
  await page.goBack();
  await expect.poll(() => cells.count()).toBe(1);
  expect(await page.getByLabel("Search").inputValue()).toBe("glov");
  expect(await page.getByLabel("State").inputValue()).toBe("warned");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect.poll(() => cells.count()).toBe(9);
  expect(await page.getByLabel("Search").inputValue()).toBe("");
  await page.getByLabel("Search").fill("nothing like it");
  await page.getByText("Nothing fits this search").waitFor();
});

test("of 10,000 lines a page holds a hundred, a picture a few hundred, and one turns to the next", async () => {
  const now = Date.now();
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    stockLine(now, { item: `part-${String(index).padStart(5, "0")}`, location: "cabinet" }),
  );
  await using server = await serveStock({ dir, snapshot: rackHouse(now), lines });
  await using seen = await visit(browser(), `${server.address}/#/stock/%3Fview%3Dlist`, desktop);
  const { page } = seen;
  await page.getByText("1 to 100 of 10,000").waitFor();
  expect(await page.locator(".stock-row").count()).toBe(100);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("101 to 200 of 10,000").waitFor();
  await page.locator(".stock-row").first().getByText("part-00100").waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByText("1 to 100 of 10,000").waitFor();
  await page.getByRole("link", { name: "Racks" }).click();
  await page.getByText("Too many for one picture").waitFor();
  expect(await page.locator(".stock-cell").count()).toBe(300);
});

test("nothing is configured: it says so, and what to do", async () => {
  await using server = await serveStock({ dir, snapshot: rackHouse(Date.now()), lines: [] });
  await using seen = await visit(browser(), `${server.address}/#/stock`, phone);
  await seen.page.getByText("No stock is configured").waitFor();
  await expectSound(seen);
});

for (const [scheme, language] of [
  ["light", "en"],
  ["dark", "zh"],
] as const) {
  test(`the racks fit a wall display without scrolling: ${scheme}, ${language}`, async () => {
    await using server = await house(language);
    await using seen = await visit(browser(), `${server.address}/#wall/stock`, {
      ...wall,
      colorScheme: scheme,
    });
    const { page } = seen;
    await page.locator(".stock-cell").first().waitFor();
    const hidden = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    await expect.poll(hidden).toBe(0);
    await expectSound(seen);
    await takePicture(page, `stock-wall-${language}`);
  });
}

test("a wall too small for all of it shows what has a warning, and how much is well", async () => {
  const now = Date.now();
  const calm = Array.from({ length: 500 }, (_, index) =>
    stockLine(now, { item: `part-${index}`, location: "cabinet" }),
  );
  const lines = [...calm, ...stockLines(now)];
  await using server = await serveStock({ dir, snapshot: rackHouse(now), lines });
  await using seen = await visit(browser(), `${server.address}/#wall/stock`, wall);
  const { page } = seen;
  await page.getByText("503 more without a warning").waitFor();
  expect(await page.locator(".stock-cell").count()).toBe(6);
});
