import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { serveManage } from "../support/screens/manage-stand-in.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

test("the trail is read from its end to its beginning, page by page", async () => {
  await using server = await serveManage({ dir, roles: ["viewer"], auditCount: 120 });
  await using seen = await visit(browser(), `${server.address}/#/manage/audit`, phone);
  const { page } = seen;
  await page.locator(".audit-entry").first().waitFor();
  expect(await page.locator(".audit-seq").first().textContent()).toBe("120");
  const count = () => page.locator(".audit-entry").count();
  expect(await count()).toBe(50);
  await page.getByRole("button", { name: "Further back" }).click();
  await expect.poll(count).toBe(100);
  await page.getByRole("button", { name: "Further back" }).click();
  await page.getByText("This is the beginning of the trail").waitFor();
  expect(await count()).toBe(120);
  await page.locator(".audit-entry summary").first().click();
  await page.locator(".audit-entry dd").first().waitFor();
  expect(seen.errors).toEqual([]);
});

test("entries are found by person, action and the days of the place", async () => {
  await using server = await serveManage({ dir, roles: ["quality"], auditCount: 60 });
  await using seen = await visit(browser(), `${server.address}/#/manage/audit`, desktop);
  const { page } = seen;
  await page.locator(".audit-entry").first().waitFor();
  await page.getByLabel("Person").fill("han.mei");
  await page.getByLabel("What").selectOption("Alarms");
  await page.getByLabel("From").fill("2020-01-01");
  await page.getByLabel("To", { exact: true }).fill("2099-12-31");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("counted by hand").first().waitFor();
  await expect.poll(() => page.locator(".audit-entry").count()).toBe(12);
  const query = server.asked.findLast(({ path }) => path === "/api/audit/search")?.query;
  expect(query?.get("actor")).toBe("han.mei");
  expect(query?.get("action")).toBe("alarm.");
  expect(query?.get("from")).toBe("2019-12-31T16:00:00.000Z");
  expect(query?.get("to")).toBe("2099-12-31T15:59:59.999Z");
});

test("what was found is saved as a table that a spreadsheet reads", async () => {
  await using server = await serveManage({ dir, roles: ["quality"], auditCount: 1_203 });
  await using seen = await visit(browser(), `${server.address}/#/manage/audit`, desktop);
  const { page } = seen;
  await page.locator(".audit-entry").first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download as CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
  const csv = await readFile(await download.path(), "utf8");
  const lines = csv.split("\r\n");
  expect(lines[0]).toBe("\uFEFFnumber,time (UTC),who,what,details,SHA-256");
  expect(lines.length).toBe(1_203 + 2);
  expect(csv).toContain(",'=cmd|calc,login-failed,");
  expect(seen.errors).toEqual([]);
});
