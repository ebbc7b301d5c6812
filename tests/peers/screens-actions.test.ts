import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import {
  desktop,
  expectSound,
  phone,
  seriousFindings,
  useBrowser,
  visit,
} from "../support/screens/browser.ts";
import { coldStore, troubledStore, warmRoom } from "../support/screens/cold-store.ts";
import { everyDuty, person, servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

/** Share of a canvas's pixels that have the colour of a custom property. */
function drawnShare(page: Page, canvas: string, colour: string): Promise<number> {
  return page.locator(canvas).evaluate((element, name) => {
    if (!(element instanceof HTMLCanvasElement)) return 0;
    const { width, height } = element;
    const hex = getComputedStyle(element).getPropertyValue(name).trim();
    const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const pixels = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    let hits = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      if (wanted.every((part, i) => pixels[at + i] === part)) hits += 1;
    }
    return hits / (width * height);
  }, colour);
}

test("an alarm is acknowledged by keyboard alone, with login and comment", async () => {
  const now = Date.now();
  await using server = await servePanel({
    dir,
    snapshot: { ...coldStore(now), alarms: [warmRoom(now)] },
  });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  const button = page.getByRole("button", { name: "Acknowledge: Cold room 2 is too warm" });
  await button.waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  for (let i = 0; i < 20; i += 1) {
    await page.keyboard.press("Tab");
    if ((await focused()) === "Acknowledge: Cold room 2 is too warm") break;
  }
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Log in" }).waitFor();
  await expectSound(seen);
  await page.keyboard.type(person.user);
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("User name or password is wrong").waitFor();
  await page.getByText("Check both and try again").waitFor();
  await page.getByLabel("Password").fill("");
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Acknowledge this alarm?" }).waitFor();
  await page.getByLabel("Comment").focus();
  await page.keyboard.type("door was open");
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Acknowledged by li.lei").waitFor();
  await page.getByText("door was open").waitFor();
  const sent = server.asked.find(({ path }) => path.endsWith("/acknowledge"));
  expect(sent).toMatchObject({
    path: "/api/alarms/cold-2-warm#7/acknowledge",
    body: { comment: "door was open" },
  });
  // The browser notes every refused request; nothing else may be on its console.
  expect(seen.errors.filter((error) => !error.includes("401"))).toEqual([]);
});

test("Escape closes a dialog and the focus is where it was", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop);
  const login = seen.page.getByRole("button", { name: "Log in" });
  await login.click();
  await seen.page.getByRole("dialog").waitFor();
  await seen.page.keyboard.press("Escape");
  await seen.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await login.evaluate((element) => element === document.activeElement)).toBe(true);
});

test("at first start the one-time code makes the first user", async () => {
  await using server = await servePanel({
    dir,
    snapshot: coldStore(Date.now()),
    session: { setupNeeded: true },
  });
  await using seen = await visit(browser(), server.address, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Create the first user" }).click();
  await page.getByLabel("One-time code").fill("ABCD-EFGH");
  await page.getByLabel("User name").fill("li.lei");
  await page.getByLabel("New password").fill("short");
  await expectSound(seen);
  await page.getByRole("button", { name: "Create user" }).click();
  expect(server.asked.some(({ path }) => path === "/api/setup")).toBe(false);
  await page.getByLabel("New password").fill(person.password);
  await page.getByRole("button", { name: "Create user" }).click();
  await page.getByRole("button", { name: "li.lei Log out" }).waitFor();
  expect(server.asked.find(({ path }) => path === "/api/setup")?.body).toEqual({
    code: "ABCD-EFGH",
    user: "li.lei",
    password: person.password,
  });
});

test("an action that fails says why and what to do", async () => {
  await using server = await servePanel({
    dir,
    snapshot: troubledStore(Date.now()),
    session: everyDuty,
  });
  await using seen = await visit(browser(), server.address, desktop);
  await seen.page.getByRole("button", { name: "Silence buzzers for 10 min" }).click();
  await expect
    .poll(() => server.asked.find(({ path }) => path === "/api/silence")?.body)
    .toEqual({
      minutes: 10,
    });
  await seen.page.getByRole("button", { name: "Test Red lamp" }).click();
  await seen.page.getByText("The lamp did not answer").waitFor();
  await seen.page.getByText("Check its cable").waitFor();
  expect(server.asked.at(-1)?.path).toBe("/api/outputs/stack/red/test");
  expect(await seriousFindings(seen.page)).toEqual([]);
});

test("a chart of 24 hours is loaded when it is asked for, with its figures as text", async () => {
  await using server = await servePanel({ dir, snapshot: coldStore(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  const loaded = () =>
    page.evaluate(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("/assets/chart")),
    );
  await page.getByText("All is well").waitFor();
  expect(await loaded()).toBe(false);
  await page.locator(".point").first().click();
  await page.locator(".chart canvas").waitFor();
  expect(await drawnShare(page, ".chart canvas", "--accent")).toBeGreaterThan(0.002);
  expect(await loaded()).toBe(true);
  await page.getByText("29 bad readings").waitFor();
  await expectSound(seen);
  await takePicture(page, "panel-chart");
  const asked = server.asked.find(({ path }) => path.endsWith("/samples"));
  expect(asked?.path).toBe("/api/points/cold-1/temperature/samples");
  expect(Number(asked?.query.get("to")) - Number(asked?.query.get("from"))).toBe(86_400_000);
});
