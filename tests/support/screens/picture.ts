import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

/** Where pictures of the screens are written to; without it a test takes none. */
const { RACKWATCH_PICTURES: folder } = process.env;

/** `RACKWATCH_PICTURES=docs/screens npx vitest run --project peers screens` renews the pictures in docs. */
export async function takePicture(page: Page, name: string, fullPage = false): Promise<void> {
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  // The header sticks to where the page was scrolled to.
  if (fullPage) await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
