import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { panelSyncText } from "../../config/language/panel-sync.ts";
import { buildPanel } from "../../gateway/panel/build.ts";
import type { SyncDetail } from "../../gateway/panel/sync-api.ts";
import {
  desktop,
  expectSound,
  phone,
  useBrowser,
  visit,
  wall,
} from "../support/screens/browser.ts";
import { coldStore } from "../support/screens/cold-store.ts";
import { servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";
import { drainingAt, syncedAt, troubledAt, viewOf } from "../support/screens/sync-stories.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

function serve(detail: SyncDetail, language: "en" | "zh" = "en") {
  const snapshot = { ...coldStore(Date.now(), language), sync: viewOf(detail) };
  return servePanel({
    ...{ dir, snapshot },
    answers: ({ path }) => (path === "/api/sync" ? { body: detail } : undefined),
  });
}

const looks: readonly [string, BrowserContextOptions, "en" | "zh", (now: number) => SyncDetail][] =
  [
    ["sync-trouble-desktop", desktop, "en", troubledAt],
    ["sync-draining-phone-zh", { ...phone, colorScheme: "dark" }, "zh", drainingAt],
    ["sync-well-phone", phone, "en", syncedAt],
  ];

for (const [name, options, language, story] of looks) {
  test(`the page of sync and store is sound: ${name}`, async () => {
    await using server = await serve(story(Date.now()), language);
    await using seen = await visit(browser(), `${server.address}/#/manage/sync`, options);
    await seen.page.locator(".sync-cards meter").waitFor();
    await seen.page.getByText(panelSyncText[language].backup.title, { exact: true }).waitFor();
    await expectSound(seen);
    await takePicture(seen.page, name, true);
  });
}

test("whoever comes because of a refused token reads what stands in the way and what to do about it", async () => {
  await using server = await serve(troubledAt(Date.now()));
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  await page.locator("#sync").getByText("enrol the gateway again").waitFor();
  await page.locator("#sync").getByRole("link", { name: "Details" }).click();
  const cards = page.locator(".sync-cards");
  await cards.waitFor();
  const said = await cards.textContent();
  for (const sentence of [
    /central refuses this gateway's token.*enrol the gateway again/,
    /Not reached for21 days/,
    /Events219 rows · oldest 21 days ago.*Samples12,100,012 rows/,
    /In memory only.*exchange the card/,
    /1,912 of 2,000 MB/,
    /811,204 thinned to lowest.*120 unreadable/,
    /Not set.*8,412 rows got true times \(still going on\)/,
    /Damaged.*On the same card as the database/,
    /shared: 101 events, 200,411 samples/,
  ]) {
    expect(said).toMatch(sentence);
  }
});

test("on the wall a backlog says how long it still takes, and nothing is to be pressed", async () => {
  await using server = await serve(drainingAt(Date.now()));
  await using seen = await visit(browser(), `${server.address}/#wall`, wall);
  const card = seen.page.locator("#sync");
  await card.getByText("All sent in about").waitFor();
  expect(await card.textContent()).toContain("13 min");
  expect(await card.getByRole("link").count()).toBe(0);
  await expectSound(seen);
});

test("without a central the store and its backup are shown all the same", async () => {
  const { lastContactAt: _, goneMs: __, agent: ___, ...rest } = syncedAt(Date.now());
  await using server = await serve({ ...rest, configured: false });
  await using seen = await visit(browser(), `${server.address}/#/manage/sync`, phone);
  await seen.page.getByText(panelSyncText.en.trouble.alone).waitFor();
  await seen.page.getByText("61 of 2,000 MB").waitFor();
  expect(await seen.page.getByText(panelSyncText.en.lanes.title).count()).toBe(0);
  await expectSound(seen);
});
