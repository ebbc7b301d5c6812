import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { bookingRig, insulin } from "../support/screens/booking-rig.ts";
import { desktop, expectSound, useBrowser } from "../support/screens/browser.ts";

await buildPanel();
const browser = useBrowser();

test("a gateway's own racks: a booking shows on open pages, filters and places are the gateway's", async () => {
  await using rig = await bookingRig();
  await using seen = await rig.open(browser(), "#/stock", desktop);
  const { page } = seen;
  const cell = page.getByRole("region", { name: "Shelf A1" }).locator(".stock-cell").first();
  await cell.waitFor();
  await rig.book({ kind: "count", item: insulin, location: "shelf-a1", quantity: 7 });
  await cell.getByText("7", { exact: true }).waitFor();
  await cell.getByText("Below minimum").waitFor();
  const found = async (query: string) =>
    (await rig.stock(query)).map(({ item, location }) => `${location}/${item}`);
  expect(await found("show=warned&within=rack-a")).toContain(`shelf-a1/${insulin}`);
  expect(await found("within=shelf-a2")).toEqual(["shelf-a2/gauze"]);
  expect((await found("within=rack-a")).length).toBe(3);
  expect(await found("within=nowhere")).toEqual([]);
  await cell.click();
  await page.locator(".stock-chart canvas").waitFor();
  await page.locator(".movement").first().waitFor();
  await page.locator("#warnings").getByText("7 pcs, minimum 20 pcs").waitFor();
  await expectSound(seen);
});
