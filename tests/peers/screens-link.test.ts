import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, seriousFindings, useBrowser, visit } from "../support/screens/browser.ts";
import { coldStore } from "../support/screens/cold-store.ts";
import { servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

test("a lost gateway is said since when, nothing is called well any more, and it comes back by itself", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop, (page) =>
    page.clock.install(),
  );
  const { page } = seen;
  await page.getByText("Live").waitFor();
  server.cut();
  await page.getByText(/Offline since \d\d:\d\d/).waitFor();
  expect(await page.getByText("All is well").count()).toBe(1);
  await page.clock.runFor(40_000);
  await page.getByText("No connection to the gateway").waitFor();
  expect(await page.getByText("All is well").count()).toBe(0);
  expect(await page.locator(".point:not(.reading-old)").count()).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  await takePicture(page, "panel-offline");
  server.resume();
  await page.clock.runFor(5_000);
  await page.getByText("Live").waitFor();
  await page.getByText("All is well").waitFor();
});

test("a person need not wait for the next try", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop, (page) =>
    page.clock.install(),
  );
  const { page } = seen;
  await page.getByText("Live").waitFor();
  server.cut();
  await page.getByText(/Offline since/).waitFor();
  await page.clock.runFor(40_000);
  server.resume();
  await page.getByRole("button", { name: "Try again now" }).click();
  await page.getByText("Live").waitFor();
});

test("a gateway that goes quiet without a word is noticed; a heartbeat is a sign of life", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop, (page) =>
    page.clock.install(),
  );
  const { page } = seen;
  await page.getByText("Live").waitFor();
  for (let i = 0; i < 3; i += 1) {
    await page.clock.runFor(15_000);
    server.push("heartbeat");
    await page.waitForTimeout(100);
  }
  expect(server.streamCount()).toBe(1);
  expect(await page.locator(".content.outdated").count()).toBe(0);
  await page.clock.runFor(22_000);
  await expect.poll(() => server.streamCount()).toBe(2);
  expect(seen.errors).toEqual([]);
});
