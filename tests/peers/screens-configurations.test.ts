import { expect, test } from "vitest";
import { panelConfigurationText } from "../../config/language/panel-configuration.ts";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { serveManage } from "../support/screens/manage-stand-in.ts";
import { person } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

const page360 = { ...phone, viewport: { width: 360, height: 740 } };

for (const [name, language, options] of [
  ["desktop", "en", desktop],
  ["dark phone", "zh", { ...page360, colorScheme: "dark" }],
] as const) {
  test(`the configurations that ran stand with who, when, outcome and lines: ${name}, ${language}`, async () => {
    const words = panelConfigurationText[language];
    await using server = await serveManage({ dir, language, roles: ["admin"] });
    await using seen = await visit(browser(), `${server.address}/#/manage/configuration`, options);
    const { page } = seen;
    const rows = page.locator("#configuration .configuration");
    await rows.nth(3).waitFor();
    expect(await rows.count()).toBe(4);
    const running = rows.filter({ hasText: words.runs });
    await running.getByText(words.revision(7)).waitFor();
    await running.getByText(words.lines(3)).click();
    await running.locator(".came", { hasText: "above: 5" }).waitFor();
    // Neither the one that runs nor one that was refused can be gone back to.
    const named = [11, 12, 13, 14].map((serial) =>
      page.getByRole("button", { name: words.goBackNamed(serial), exact: true }).count(),
    );
    expect(await Promise.all(named)).toEqual([1, 0, 0, 1]);
    await expectSound(seen);
    const picture = name === "desktop" ? "manage-configuration" : "manage-configuration-phone-zh";
    await takePicture(page, picture, name === "desktop");
  });
}

test("an admin goes back with the password, and sees it on trial; a wrong password changes nothing", async () => {
  const words = panelConfigurationText.en;
  await using server = await serveManage({ dir, roles: ["admin"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/configuration`, page360);
  const { page } = seen;
  await page.getByRole("button", { name: words.goBackNamed(11) }).click();
  const dialog = page.getByRole("dialog", { name: words.goBackTitle(11) });
  await dialog.getByLabel(words.password).fill("not the password");
  await dialog.getByRole("button", { name: words.goBack, exact: true }).click();
  await dialog.getByText("user name or password is wrong").waitFor();
  expect(await page.locator(".configuration").count()).toBe(4);
  await dialog.getByLabel(words.password).fill(person.password);
  await takePicture(page, "manage-configuration-back-phone");
  await dialog.getByRole("button", { name: words.goBack }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText(words.written(11)).waitFor();
  const fresh = page.locator(".configuration", { hasText: "back to 11" }).first();
  await fresh.getByText("on trial").waitFor();
  // Until it is confirmed or taken back there is no other way back.
  expect(await page.locator(".configuration").getByRole("button").count()).toBe(0);
  const sent = server.asked.filter(({ path }) => path === "/api/configurations/11/restore");
  expect(sent.map(({ body }) => body)).toEqual([
    { password: "not the password", seen: 14 },
    { password: person.password, seen: 14 },
  ]);
  await expectSound({ ...seen, errors: seen.errors.filter((error) => !error.includes("401")) });
});

test("who is no admin reads and is told whom to ask; who is not logged in logs in first", async () => {
  const words = panelConfigurationText.en;
  await using server = await serveManage({ dir, roles: ["viewer"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/configuration`, phone);
  await seen.page.getByText("Ask somebody with the role admin").waitFor();
  await seen.page.getByText(words.runs).waitFor();
  expect(await seen.page.locator(".configuration").getByRole("button").count()).toBe(0);
  await using closed = await serveManage({ dir, empty: true });
  await using stranger = await visit(browser(), `${closed.address}/#/manage/configuration`, phone);
  await stranger.page.getByText("Log in to see this.").waitFor();
  await expectSound(stranger);
  expect(closed.asked.map(({ path }) => path)).not.toContain("/api/configurations");
});
