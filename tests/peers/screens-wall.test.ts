import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { expectSound, useBrowser, visit, wall } from "../support/screens/browser.ts";
import { coldStore, troubledStore } from "../support/screens/cold-store.ts";
import { servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

for (const language of ["en", "zh"] as const) {
  test(`the wall display shows all of it without scrolling: ${language}`, async () => {
    const now = Date.now();
    await using server = await servePanel({ dir, snapshot: troubledStore(now, language) });
    await using seen = await visit(browser(), `${server.address}/#wall`, {
      ...wall,
      colorScheme: language === "zh" ? "dark" : "light",
    });
    const { page } = seen;
    await page.locator(".alarm.unacknowledged").waitFor();
    await expectSound(seen);
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
    const px = await page
      .locator(".point-number")
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    expect(px).toBeGreaterThanOrEqual(52);
    if (language === "zh") await takePicture(page, "wall-zh");
    server.change({ ...coldStore(now, language) });
    await page.locator(".alarm").first().waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  });
}
