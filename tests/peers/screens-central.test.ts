import { expect, test } from "vitest";
import { buildCentral } from "../../cloud-sync/central/build.ts";
import {
  desktop,
  expectSound,
  firstLoadBytes,
  phone,
  seriousFindings,
  useBrowser,
  visit,
} from "../support/screens/browser.ts";
import { type Fleet, fleet, serveCentral } from "../support/screens/central-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildCentral();
const browser = useBrowser();

test("central's first load is at most 40 kB", async () => {
  const bytesMax = 40_000;
  const sizes = await firstLoadBytes(dir);
  expect(sizes.size).toBeGreaterThanOrEqual(3);
  expect([...sizes.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(bytesMax);
});

test("all gateways in one table, those that need somebody first", async () => {
  const now = Date.now();
  await using server = await serveCentral({ dir, fleet: () => fleet(now) });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  const names = page.locator("#gateways tbody .row-title");
  await names.first().waitFor();
  expect(await names.allTextContents()).toEqual([
    "Warehouse 1, cold rooms",
    "二号仓库冷库",
    "Warehouse 1, dock",
    "wh3",
  ]);
  const row = (name: string) => page.locator("#gateways tr", { hasText: name });
  expect(await row("二号仓库冷库").textContent()).toMatch(/Silent since .*52 min ago/);
  expect(await row("wh3").textContent()).toContain("Not heard of yet");
  const dock = await row("Warehouse 1, dock").textContent();
  expect(dock).toMatch(/Live Catching up: 12,400,000 records to come, about 13 ?min/);
  expect(dock).toMatch(/Gaps: 14 · Set aside: 2 Conflicts: 1/);
  expect(await page.locator("#alarms tbody tr").first().textContent()).toMatch(
    /Critical.*Cold room 2 is too warm Cold room 2, air 8\.4\s°C.*Warehouse 1, cold rooms.*Not acknowledged.*7 min ago/,
  );
  await expectSound(seen);
  await takePicture(page, "central", true);
});

test("a gateway's latest values open from the table, with quality and reason", async () => {
  const now = Date.now();
  await using server = await serveCentral({ dir, fleet: () => fleet(now) });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  await page.locator("#gateways").getByRole("link", { name: "Warehouse 1, cold rooms" }).click();
  const row = page.locator("#latest tr", { hasText: "shelf-a1/net" });
  await row.waitFor();
  expect(await row.textContent()).toMatch(/No value.*the scale does not answer.*Bad/);
  const named = page.locator("#latest tr", { hasText: "Cold room 1, air" });
  expect(await named.textContent()).toMatch(/Cold room 1, air cold-1\/temperature4\.3\s°CGood/);
  const humid = page.locator("#latest tr", { hasText: "cold-1/humidity" });
  expect(await humid.textContent()).toMatch(/cold-1\/humidity61\.2%/);
  expect(await page.locator("#gateway").textContent()).toMatch(
    /Live.*214 events · 482,118 samples/,
  );
  await expectSound(seen);
  await takePicture(page, "central-gateway", true);
  await page.getByRole("link", { name: "All gateways" }).click();
  await page.locator("#gateways tbody tr").first().waitFor();
  expect(await page.locator("#latest").count()).toBe(0);
});

test("an auditor reads what is missing of a gateway, from when to when, and why", async () => {
  const now = Date.now();
  await using server = await serveCentral({ dir, fleet: () => fleet(now) });
  await using seen = await visit(browser(), `${server.address}/#gateway/wh1-dock`, desktop);
  const missing = seen.page.locator("#missing");
  await missing.locator("tbody tr").first().waitFor();
  const rows = await missing.locator("tbody tr").allTextContents();
  for (const [index, said] of [
    /^241,204 samples.* to .*Thinned for want of room.*120,001–380,000/,
    /^120 samplesnot knownDamaged on the gateway's disk/,
    /^1 eventnot knownCentral could not take it/,
    /^Sample 481,204a time that no database has.*8640000000000001/,
    /^Somebody writes under a closed epoch.*31.*10\.4\.0\.77/,
    /^0d1f6a52 goes on where 7c9e6679 stood.*goes on214 events/,
  ].entries()) {
    expect(rows[index]).toMatch(said);
  }
  await expectSound(seen);
  await takePicture(seen.page, "central-missing", true);
  await seen.page.getByRole("link", { name: "All gateways" }).click();
  await seen.page
    .locator("#gateways")
    .getByRole("link", { name: "Warehouse 1, cold rooms" })
    .click();
  await missing.getByText("Nothing is missing up to event 214 and sample 482,118").waitFor();
  expect(await missing.locator("table").count()).toBe(0);
  const asked = () => server.asked.filter(({ path }) => path.endsWith("/gaps")).length;
  expect(asked(), "asked once for each gateway while nothing is added").toBe(2);
});

test("the auditor's page fits a phone, in Chinese and in the dark", async () => {
  const now = Date.now();
  await using server = await serveCentral({ dir, fleet: () => fleet(now) });
  await using seen = await visit(browser(), `${server.address}/#gateway/wh1-dock`, {
    ...phone,
    locale: "zh-CN",
    colorScheme: "dark",
  });
  await seen.page.getByText("缺少什么，为什么").waitFor();
  await seen.page.locator("#missing tbody tr").first().waitFor();
  await expectSound(seen);
  await takePicture(seen.page, "central-missing-phone-zh", true);
});

test("central fits a phone, in Chinese and in the dark", async () => {
  const now = Date.now();
  await using server = await serveCentral({ dir, fleet: () => fleet(now) });
  await using seen = await visit(browser(), `${server.address}/#gateway/wh1-cold`, {
    ...phone,
    locale: "zh-CN",
    colorScheme: "dark",
  });
  await seen.page.locator("#latest tbody tr").first().waitFor();
  expect(await seen.page.getAttribute("html", "lang")).toBe("zh-CN");
  await seen.page.getByText("Rackwatch 中心").waitFor();
  await expectSound(seen);
});

test("a central that does not answer is said since when and nothing is called well any more", async () => {
  const now = Date.now();
  let known: Fleet | undefined = { ...fleet(now), alarms: [] };
  await using server = await serveCentral({ dir, fleet: () => known });
  await using seen = await visit(browser(), server.address, desktop, (page) =>
    page.clock.install(),
  );
  const { page } = seen;
  await page.getByText("No open alarms").waitFor();
  known = undefined;
  await page.clock.runFor(6_000);
  await page.getByText(/No answer since/).waitFor();
  for (let i = 0; i < 8; i += 1) {
    await page.clock.runFor(5_000);
    await page.waitForTimeout(50);
  }
  await page.getByText("Central does not answer").waitFor();
  expect(await page.getByText("No open alarms").count()).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  known = { ...fleet(now), alarms: [] };
  await page.getByRole("button", { name: "Try again now" }).click();
  await page.getByText("No open alarms").waitFor();
});

test("with a read token nothing is shown before it is given; a wrong one is refused", async () => {
  const now = Date.now();
  const token = "read-token-of-the-operator";
  await using server = await serveCentral({ dir, fleet: () => fleet(now), token });
  await using seen = await visit(browser(), server.address, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Enter token" }).click();
  await page.getByLabel("Token", { exact: true }).fill("wrong-token");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("reading needs the operator's token").waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.keyboard.press("Enter");
  await page.locator("#gateways tbody tr").first().waitFor();
  await page.reload();
  await page.locator("#gateways tbody tr").first().waitFor();
  await page.getByRole("button", { name: "Forget token" }).click();
  await page.getByRole("button", { name: "Enter token" }).waitFor();
  expect(await page.locator("#gateways").count()).toBe(0);
  expect(seen.foreign).toEqual([]);
});

test("what gateways sent is shown as text, never run", async () => {
  const now = Date.now();
  const nasty = "<img src=x onerror=\"document.title='owned'\">";
  const known = fleet(now);
  const gateways = known.gateways.map((row) => ({ ...row, name: nasty }));
  const alarms = known.alarms.map((row) => ({ ...row, message: nasty, acknowledgedBy: nasty }));
  const latest = known.latest.map((row) => ({ ...row, reason: nasty }));
  await using server = await serveCentral({ dir, fleet: () => ({ gateways, alarms, latest }) });
  await using seen = await visit(browser(), `${server.address}/#gateway/wh1-cold`, phone);
  await seen.page.locator("#latest tbody tr").first().waitFor();
  expect(await seen.page.locator("img").count()).toBe(0);
  expect(await seen.page.title()).toBe("(2) Rackwatch central");
  await expectSound(seen);
});
