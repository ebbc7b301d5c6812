import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import {
  desktop,
  expectSound,
  firstLoadBytes,
  phone,
  useBrowser,
  visit,
} from "../support/screens/browser.ts";
import { coldStore, troubledStore } from "../support/screens/cold-store.ts";
import { servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

test("first load is at most 40 kB and the chart is not part of it", async () => {
  const bytesMax = 40_000;
  const sizes = await firstLoadBytes(dir);
  const files = [...sizes.keys()];
  expect(files.some((file) => file.endsWith(".js"))).toBe(true);
  expect(files.some((file) => file.endsWith(".css"))).toBe(true);
  expect(files.some((file) => file.includes("chart"))).toBe(false);
  expect([...sizes.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(bytesMax);
});

const looks: readonly [name: string, language: "en" | "zh", options: BrowserContextOptions][] = [
  ["desktop", "en", desktop],
  ["dark desktop", "zh", { ...desktop, colorScheme: "dark" }],
  ["phone", "zh", phone],
  ["dark phone", "en", { ...phone, colorScheme: "dark" }],
];

for (const [name, language, options] of looks) {
  test(`healthy and troubled screens are sound: ${name}, ${language}`, async () => {
    const now = Date.now();
    await using server = await servePanel({ dir, snapshot: coldStore(now, language) });
    await using seen = await visit(browser(), server.address, options);
    await seen.page.getByText(language === "zh" ? "一切正常" : "All is well").waitFor();
    await expectSound(seen);
    if (name === "desktop") await takePicture(seen.page, "panel-healthy");
    server.change(troubledStore(now, language));
    await seen.page.locator(".alarm.unacknowledged").waitFor();
    await expectSound(seen);
    if (name === "desktop") await takePicture(seen.page, "panel-alarms", true);
    if (name === "dark desktop") await takePicture(seen.page, "panel-dark-zh");
    if (name === "phone") await takePicture(seen.page, "panel-phone-zh");
  });
}
