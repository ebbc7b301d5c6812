import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { serveManage } from "../support/screens/manage-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

test("an admin adds a person with roles, and one without any role is not sent", async () => {
  await using server = await serveManage({ dir, roles: ["admin"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/people`, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a person" });
  await dialog.getByLabel("User name").fill("wang");
  await dialog.getByLabel("First password").fill("a long password");
  await dialog.getByRole("checkbox", { name: /operator/ }).uncheck();
  await dialog.getByRole("button", { name: "Add a person" }).click();
  await dialog.getByText("Give at least one role.").waitFor();
  expect(server.asked.some(({ method }) => method === "POST")).toBe(false);
  await dialog.getByRole("checkbox", { name: /quality/ }).check();
  await dialog.getByRole("checkbox", { name: /viewer/ }).check();
  await expectSound(seen);
  await takePicture(page, "manage-person-phone");
  await dialog.getByRole("button", { name: "Add a person" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(server.asked.find(({ method }) => method === "POST")).toMatchObject({
    path: "/api/users",
    body: { user: "wang", password: "a long password", roles: ["viewer", "quality"] },
  });
});

test("a person is unlocked, given other roles and a new password, and disabled", async () => {
  await using server = await serveManage({ dir, roles: ["admin"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/people`, desktop);
  const { page } = seen;
  const row = page.locator("#people .row", { hasText: "han.mei" });
  await row.getByText("Locked after wrong passwords").waitFor();
  await row.getByRole("button", { name: "Unlock han.mei" }).click();
  await row.getByText("Locked after wrong passwords").waitFor({ state: "detached" });
  await row.getByRole("button", { name: "Change han.mei" }).click();
  const edit = page.getByRole("dialog", { name: "Change han.mei" });
  expect(await edit.getByLabel("Full name (optional)").inputValue()).toBe("韩梅梅");
  await edit.getByRole("checkbox", { name: /supervisor/ }).check();
  await edit.getByRole("button", { name: "Change", exact: true }).click();
  await row.getByText("supervisor, quality").waitFor();
  await row.getByRole("button", { name: "New password for han.mei" }).click();
  const password = page.getByRole("dialog", { name: "New password for han.mei" });
  await password.getByLabel("New password").fill("too short");
  await password.getByRole("button", { name: "New password", exact: true }).click();
  await password.getByLabel("New password").fill("long enough now");
  await password.getByRole("button", { name: "New password", exact: true }).click();
  await password.waitFor({ state: "detached" });
  await row.getByRole("button", { name: "Disable han.mei" }).click();
  await row.getByText("Disabled").waitFor();
  const sent = server.asked.filter(({ method }) => method === "PATCH").map(({ body }) => body);
  expect(sent).toEqual([
    { unlock: true },
    { roles: ["supervisor", "quality"], fullName: "韩梅梅" },
    { password: "long enough now" },
    { disabled: true },
  ]);
  await expectSound(seen);
});

test("the last admin stays: why it was refused stands beside the person", async () => {
  await using server = await serveManage({ dir, roles: ["admin"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/people`, phone);
  const row = seen.page.locator("#people .row", { hasText: "li.lei" });
  await row.getByRole("button", { name: "Disable li.lei" }).click();
  await row.getByText("nobody could manage users any more").waitFor();
  await row.getByText("make somebody else an admin first").waitFor();
});

test("everybody changes the own password", async () => {
  await using server = await serveManage({ dir, roles: ["operator"] });
  await using seen = await visit(browser(), `${server.address}/#/manage/account`, phone);
  const { page } = seen;
  await page.getByText("acknowledge alarms, silence buzzers").first().waitFor();
  await page.getByRole("button", { name: "Change my password" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Present password").fill("what it was");
  await dialog.getByLabel("New password").fill("what it will be");
  await expectSound(seen);
  await dialog.getByRole("button", { name: "Change my password" }).click();
  await page.getByText("The password is changed.").waitFor();
  expect(server.asked.find(({ path }) => path === "/api/session/password")?.body).toEqual({
    password: "what it was",
    newPassword: "what it will be",
  });
});

test("somebody who is locked out sees how long, and who may what, in the login dialog", async () => {
  const message = "too many wrong passwords: locked for 15 min";
  const todo = "wait, or ask an admin to unlock this user; push-buttons still work";
  const body = { code: "panel/locked-out", message, todo };
  const login = { status: 429, headers: { "retry-after": "893" }, body };
  await using server = await serveManage({ dir, login });
  await using seen = await visit(browser(), server.address, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Log in" }).click();
  const dialog = page.getByRole("dialog", { name: "Log in" });
  await dialog.getByLabel("User name").fill("han.mei");
  await dialog.getByLabel("Password").fill("was it this one");
  await dialog.getByRole("button", { name: "Log in" }).click();
  await dialog.getByText(message).waitFor();
  await dialog.getByText(/You may try again in 14:\d\d/).waitFor();
  await dialog.getByText("Who may what").click();
  await dialog.getByText("decide what becomes of goods").waitFor();
  // The browser notes every refused request; nothing else may be on its console.
  await expectSound({ ...seen, errors: seen.errors.filter((error) => !error.includes("429")) });
  await takePicture(page, "login-locked-phone");
});

test("the time until the next try runs down", async () => {
  const body = { code: "panel/too-many-tries", message: "too many tries", todo: "wait" };
  const login = { status: 429, headers: { "retry-after": "2" }, body };
  await using server = await serveManage({ dir, login });
  await using seen = await visit(browser(), server.address, phone);
  const dialog = seen.page.getByRole("dialog", { name: "Log in" });
  await seen.page.getByRole("button", { name: "Log in" }).click();
  await dialog.getByLabel("User name").fill("han.mei");
  await dialog.getByLabel("Password").fill("was it this one");
  await dialog.getByRole("button", { name: "Log in" }).click();
  await dialog.getByText("You may try again now.").waitFor();
});
