import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { coldStore, troubledStore, warmRoom } from "../support/screens/cold-store.ts";
import { servePanel } from "../support/screens/panel-stand-in.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

test("values say their quality: old with its age, bad with its reason instead of a value", async () => {
  await using server = await servePanel({ dir, snapshot: troubledStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop);
  const card = (name: string) => seen.page.locator(".point", { hasText: name });
  await expect.poll(() => card("Weight").textContent()).toMatch(/42\.18[\s\S]*2 min old/);
  expect(await card("Net").textContent()).toMatch(
    /No value[\s\S]*the scale does not answer[\s\S]*Bad/,
  );
  expect(await card("Humidity").first().textContent()).toMatch(
    /61\.2[\s\S]*rose too fast[\s\S]*Uncertain/,
  );
});

test("a value grows old on the screen without news from the gateway", async () => {
  const now = Date.now();
  const calm = coldStore(now);
  const points = calm.points.map((point) => ({ ...point, staleAfterMs: 4_000 }));
  await using server = await servePanel({ dir, snapshot: { ...calm, points } });
  await using seen = await visit(browser(), server.address, desktop);
  const first = seen.page.locator(".point").first();
  await expect.poll(() => first.textContent()).toContain("Good");
  await expect.poll(() => first.textContent(), { timeout: 60_000 }).toMatch(/\d s old/);
});

test("a new alarm is said aloud, once, in a region that was there before", async () => {
  const now = Date.now();
  await using server = await servePanel({ dir, snapshot: coldStore(now) });
  await using seen = await visit(browser(), server.address, desktop);
  const region = seen.page.locator("[aria-live=assertive]");
  await seen.page.getByText("All is well").waitFor();
  expect(await region.textContent()).toBe("");
  server.change({ alarms: [warmRoom(now)] });
  const said = "Critical alarm: Cold room 2 is too warm, Cold room 2 (insulin)";
  await expect.poll(async () => (await region.textContent())?.trim()).toBe(said);
  expect(await seen.page.title()).toBe("(1) Warehouse 1, cold rooms");
});

test("what devices and people wrote is shown as text, never run", async () => {
  const now = Date.now();
  const nasty =
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
  const calm = coldStore(now);
  const points = calm.points.map((point) => ({ ...point, name: nasty }));
  const notice = {
    part: "store",
    code: "store/io",
    message: nasty,
    where: nasty,
    todo: nasty,
    since: now,
  };
  const alarm = warmRoom(now, {
    message: nasty,
    advise: nasty,
    acknowledgedBy: nasty,
    comment: nasty,
  });
  await using server = await servePanel({
    dir,
    snapshot: { ...calm, points, notices: [notice], alarms: [alarm] },
  });
  await using seen = await visit(browser(), server.address, phone);
  await seen.page.locator(".alarm h3", { hasText: nasty }).waitFor();
  expect(await seen.page.locator("img, .alarm script, .point script").count()).toBe(0);
  expect(await seen.page.title()).toBe("(1) Warehouse 1, cold rooms");
  await expectSound(seen);
});

test("the language is remembered by this browser and wins over the gateway's", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now(), "zh") });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  await page.getByText("一切正常").waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("zh-CN");
  await page.getByRole("button", { name: "Switch to English" }).click();
  await page.getByText("All is well").waitFor();
  await page.reload();
  await page.getByText("All is well").waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("en-GB");
});

test("a gateway whose clock is not set says so", async () => {
  const calm = coldStore(Date.now());
  await using server = await servePanel({
    dir,
    snapshot: { ...calm, gateway: { ...calm.gateway, clock: "unset", now: 86_400_000 } },
  });
  await using seen = await visit(browser(), server.address, desktop);
  await seen.page.getByText("The gateway's clock is not set").waitFor();
  await expectSound(seen);
});
