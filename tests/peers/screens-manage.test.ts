import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { panelManageText } from "../../config/language/panel-manage.ts";
import { panelPeopleText } from "../../config/language/panel-people.ts";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { serveManage } from "../support/screens/manage-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

const pages = ["receivers", "figures", "calibrations", "audit", "people", "account"] as const;

/** What stands on a page once all of it is there. */
const proofs: Readonly<Record<(typeof pages)[number], string>> = {
  receivers: ".notice.flooded",
  figures: ".day-bars",
  calibrations: "#calibrations .row",
  audit: ".audit-entry",
  people: "#people .row",
  account: "#account .card",
};

/** Both languages, both sizes, both schemes. */
const looks: readonly [name: string, language: "en" | "zh", options: BrowserContextOptions][] = [
  ["desktop", "en", desktop],
  ["dark phone", "zh", { ...phone, colorScheme: "dark" }],
];

/** As many as show every kind of entry: axe looks at each one. */
const auditCount = 8;

for (const [name, language, options] of looks) {
  for (const part of pages) {
    test(`the page of ${part} is sound: ${name}, ${language}`, async () => {
      const roles = ["admin", "supervisor"] as const;
      await using server = await serveManage({ dir, language, roles, auditCount });
      await using seen = await visit(browser(), `${server.address}/#/manage/${part}`, options);
      await seen.page.locator(proofs[part]).first().waitFor();
      await expectSound(seen);
      const picture = name === "desktop" ? `manage-${part}` : `manage-${part}-phone-zh`;
      await takePicture(seen.page, picture, name === "desktop");
    });
  }
}

test("nothing configured, nobody logged in: each page says so and is sound", async () => {
  await using server = await serveManage({ dir, empty: true });
  const words = panelManageText.en;
  const said: Readonly<Record<string, string>> = {
    receivers: words.receivers.none,
    calibrations: words.calibrations.none,
    audit: words.loginFirst,
    people: words.loginFirst,
    account: words.loginFirst,
  };
  for (const [part, sentence] of Object.entries(said)) {
    await using seen = await visit(browser(), `${server.address}/#/manage/${part}`, phone);
    await seen.page.getByText(sentence).first().waitFor();
    await expectSound(seen);
  }
  const asked = server.asked.map(({ path }) => path);
  expect(asked).not.toContain("/api/users");
  expect(asked).not.toContain("/api/audit/search");
  expect(asked).not.toContain("/api/pushes");
});

test("a test of a receiver shows its result by itself", async () => {
  await using server = await serveManage({ dir, roles: ["operator"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/receivers`, desktop);
  const { page } = seen;
  const row = page.locator("#receivers .row", { hasText: "质量部" });
  await row.getByText("Never tested").waitFor();
  await row.getByRole("button", { name: "Send a test to 质量部" }).click();
  await row.getByText("E-mail 1: On its way").waitFor();
  await row.getByText("E-mail 1: Delivered").waitFor();
  const pressed = server.asked.filter(({ method }) => method === "POST");
  expect(pressed.map(({ path }) => path)).toEqual(["/api/receivers/quality/test"]);
  await expectSound(seen);
});

test("a channel that does not get through says why and since when, a receiver without address too", async () => {
  await using server = await serveManage({ dir, roles: ["operator"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/receivers`, phone);
  const { page } = seen;
  const row = page.locator("#receivers .row", { hasText: "Night shift" });
  await row.getByText("SMS: Does not get through").waitFor();
  await row.getByText("no network registration").waitFor();
  await row.getByText("(42 min ago)").waitFor();
  await row.getByText("SMS 3: +CMS ERROR: 21").waitFor();
  const pager = page.locator("#receivers .row", { hasText: "old-pager" });
  await pager.getByText("No address: cannot be reached").waitFor();
  expect(await pager.getByRole("button").count()).toBe(0);
  const buzzer = page.locator("#output-tests .row", { hasText: "stack/buzzer" });
  await buzzer.getByText("not confirmed").waitFor();
  await buzzer.getByText("Test is due").waitFor();
  await page.getByText("12 tries").waitFor();
});

test("whoever may not test gets no button, whoever may not manage people is told whom to ask", async () => {
  await using server = await serveManage({ dir, roles: ["viewer"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/receivers`, desktop);
  const { page } = seen;
  await page.getByText("Night shift").waitFor();
  expect(await page.locator("main").getByRole("button", { name: "Test" }).count()).toBe(0);
  await page.getByRole("link", { name: panelPeopleText.en.people.title }).click();
  await page.getByText("Ask somebody with the role admin").waitFor();
  expect(server.asked.map(({ path }) => path)).not.toContain("/api/users");
});

test("figures of another period are asked for, with the same numbers for those who do not see bars", async () => {
  await using server = await serveManage({ dir });
  await using seen = await visit(browser(), `${server.address}/#/manage/figures`, desktop);
  const { page } = seen;
  await page.getByText("Busy").waitFor();
  expect(await page.locator(".day-bars li").count()).toBe(7);
  await page.getByRole("button", { name: "30 days" }).click();
  await expect.poll(() => page.locator(".day-bars li").count()).toBe(30);
  await page.getByText("5.8 min").waitFor();
  await page.getByText("62 s").waitFor();
  const shown = await page.getByRole("button", { name: "30 days" }).getAttribute("aria-pressed");
  expect(shown).toBe("true");
  await expectSound(seen);
});
