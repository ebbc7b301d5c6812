import { expect, test } from "vitest";
import { buildCentral } from "../../cloud-sync/central/build.ts";
import { AccessStandIn, madeCode, operatorToken } from "../support/screens/access-stand-in.ts";
import {
  desktop,
  expectSound,
  phone,
  useBrowser,
  type Visit,
  visit,
} from "../support/screens/browser.ts";
import { type Fleet, fleet, serveCentral } from "../support/screens/central-stand-in.ts";
import { DownStandIn } from "../support/screens/down-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildCentral();
const browser = useBrowser();

const inChineseAndDark = { ...phone, locale: "zh-CN", colorScheme: "dark" } as const;

async function open(hash: string, options = desktop, known?: Fleet) {
  const now = Date.now();
  const access = new AccessStandIn(now);
  const down = new DownStandIn(now);
  const server = await serveCentral({
    ...{ dir, fleet: () => known ?? fleet(now) },
    also: (asked) => access.answer(asked) ?? down.answer(asked),
  });
  const seen = await visit(browser(), `${server.address}/${hash}`, options);
  const end = async () => {
    await seen[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { access, server, seen, page: seen.page, [Symbol.asyncDispose]: end };
}

async function giveToken({ page }: Visit): Promise<void> {
  await page.getByRole("button", { name: "Enter token" }).click();
  await page.getByLabel("Token", { exact: true }).fill(operatorToken);
  await page.getByRole("button", { name: "Use token" }).click();
  await page.getByLabel("Token", { exact: true }).waitFor({ state: "detached" });
}

/** Refusals and answers of 404 are errors to the browser's console. */
async function expectSoundButRefused(seen: Visit): Promise<void> {
  await expectSound({ ...seen, errors: seen.errors.filter((it) => !/ 40[0134] /.test(it)) });
}

test("of ten thousand gateways a person sees the first fifty, turns pages, and finds one by a part of its name", async () => {
  const now = Date.now();
  const many = Array.from({ length: 10_000 }, (_, n) => ({
    ...{ id: `shop-${n}`, name: `Shop ${n}`, lastContactAt: now, activeAlarms: 0, points: 4 },
    ...{ marks: { events: 1, samples: 2 }, state: "reporting" as const },
    records: { rejects: 0, gaps: 0, conflicts: 0 },
  }));
  await using it = await open("", desktop, { ...fleet(now), gateways: many });
  const { page } = it;
  const rows = page.locator("#gateways tbody tr");
  await rows.first().waitFor();
  expect(await rows.count()).toBe(50);
  expect(await page.locator(".pager").textContent()).toContain("1 to 50 of 10,000");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("51 to 100 of 10,000").waitFor();
  await page.getByLabel("Find a gateway").fill("shop 4711");
  await page.getByText("1 gateway", { exact: true }).waitFor();
  expect(await rows.allTextContents()).toEqual([expect.stringContaining("Shop 4711")]);
  await page.getByLabel("Find a gateway").fill("nowhere");
  await page.getByText("No gateway has this in its name").waitFor();
  expect(it.server.asked.filter(({ path }) => path === "/v1/gateways")).toEqual([]);
  await expectSound(it.seen);
});

test("a gateway is added by a code that is shown once; one that exists is not taken for a new one", async () => {
  await using it = await open("");
  const { page } = it;
  await page.getByRole("button", { name: "Add a gateway" }).click();
  const dialog = page.getByRole("dialog");
  const make = dialog.getByRole("button", { name: "Make the code" });
  await dialog.getByLabel("Short name").fill("wh1-cold");
  await make.click();
  await dialog.getByText("There is a gateway wh1-cold already.").waitFor();
  await dialog.getByLabel("Short name").fill("二号");
  await make.click();
  await dialog.getByText("A gateway cannot have this short name.").waitFor();
  await dialog.getByLabel("Short name").fill("wh4");
  await dialog.getByLabel("What people call it").fill("Warehouse 4");
  await dialog.getByLabel("7 days").check();
  await make.click();
  await giveToken(it.seen);
  await make.click();
  await dialog.getByText(madeCode, { exact: true }).waitFor();
  expect(await dialog.textContent()).toMatch(/this once only.*rackwatch enroll 7K2QM/s);
  expect(it.access.decided.map(({ path, body }) => ({ path, body }))).toEqual([
    {
      path: "/v1/gateways/wh4/enrolment-codes",
      body: { validMs: 7 * 86_400_000, name: "Warehouse 4" },
    },
  ]);
  await expectSoundButRefused(it.seen);
  await takePicture(page, "central-code");
  await dialog.getByRole("button", { name: "I have it" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.content()).not.toContain(madeCode);
});

test("a gateway is shut out only by who types its name; one certificate may be ended as well", async () => {
  await using it = await open("#gateway/wh1-cold/identity");
  const { page } = it;
  const dialog = page.getByRole("dialog");
  await page.locator("#identity").getByRole("button", { name: "Shut it out" }).click();
  await dialog.getByText("Within a minute").waitFor();
  await dialog.getByLabel("Type wh1-cold").fill("wh1-dock");
  await page.keyboard.press("Enter");
  await dialog.getByText("Nothing was ended.").waitFor();
  expect(it.access.decided).toEqual([]);
  await expectSound(it.seen);
  await takePicture(page, "central-revoke");
  await dialog.getByLabel("Type wh1-cold").fill("wh1-cold");
  await page.keyboard.press("Enter");
  await giveToken(it.seen);
  await dialog.getByRole("button", { name: "Shut it out" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "End it: 5f3a9c0277d1" }).click();
  await dialog.getByLabel("Type wh1-cold").fill("wh1-cold");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  expect(it.access.decided.map(({ path, body }) => [path, body])).toEqual([
    ["/v1/gateways/wh1-cold/revoke", {}],
    ["/v1/gateways/wh1-cold/revoke", { serial: "5f3a9c0277d1" }],
  ]);
});

test("which gateways may report, until when, and which of them needs somebody", async () => {
  await using it = await open("#access");
  const { page } = it;
  const rows = page.locator("#access tbody tr");
  await rows.first().waitFor();
  const texts = await rows.allTextContents();
  for (const [index, said] of [
    /^Warehouse 1, dock.*May report.*ends soon.*good until/,
    /^Warehouse 1, cold rooms.*May report.*good until/,
    /^wh3.*Waits for its code.*not used yet, good until/,
    /^二号仓库冷库.*May report.*has one/,
    /^wh0.*Shut out/,
  ].entries()) {
    expect(texts[index]).toMatch(said);
  }
  await expectSound(it.seen);
  await takePicture(page, "central-access", true);
  await page.getByLabel("Find a gateway").fill("wh3");
  await page.getByText("1 gateway", { exact: true }).waitFor();
  await page.getByRole("link", { name: "wh3" }).click();
  await page.locator("#gateway").getByText("Not heard of yet").waitFor();
});

test("gateways come into a group and leave it, each after a second question, and nobody else's change is undone", async () => {
  await using it = await open("#groups");
  const { page } = it;
  await page.getByRole("link", { name: "cold-rooms" }).click();
  const members = page.locator("#members");
  await members.getByText("waits: it never said what runs on it").waitFor();
  await members.getByLabel("Add a gateway").fill("dock");
  await members.getByRole("button", { name: "Add: wh1-dock" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add" }).click();
  await giveToken(it.seen);
  // Somebody else added one since this page was drawn.
  it.access.members = [...it.access.members, "wh2-cold"];
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(it.access.members).toEqual(["wh1-cold", "wh3", "wh2-cold", "wh1-dock"]);
  await members.getByRole("button", { name: "Take out: wh3" }).click();
  await dialog.getByText("is taken away from it").waitFor();
  await dialog.getByRole("button", { name: "Take out" }).click();
  await expect.poll(() => it.access.members).toEqual(["wh1-cold", "wh2-cold", "wh1-dock"]);
  await expectSoundButRefused(it.seen);
  await takePicture(page, "central-group", true);
});

test("what a group gives is changed for all members, with what the author saw, and put back", async () => {
  await using it = await open("#groups/cold-rooms");
  const { page } = it;
  await page.locator("#given").getByText("room-warm").waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.getByLabel("Sections", { exact: true });
  await editor.fill((await editor.inputValue()).replace("above: 8", "above: 7"));
  const send = page.getByRole("button", { name: "Send to 2 gateways" });
  await send.click();
  await giveToken(it.seen);
  await send.click();
  await page.getByText("Revision 3 is on its way").waitFor();
  const old = page.locator("#revisions li", { hasText: "Revision 1" });
  await old.getByRole("button", { name: "Put this one back" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Put this one back" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(it.access.decided.map(({ path, body }) => [path, body])).toMatchObject([
    ["/v1/groups/cold-rooms/revisions", { base: "2", sections: { rules: {} } }],
    ["/v1/groups/cold-rooms/revisions/1/restore", { base: "2" }],
  ]);
  await expectSoundButRefused(it.seen);
});

test("a group is made empty, and one that exists is not made anew", async () => {
  await using it = await open("#groups");
  const { page } = it;
  await page.getByRole("button", { name: "New group" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the group").fill("cold-rooms");
  await page.keyboard.press("Enter");
  await dialog.getByText("There is a group cold-rooms already.").waitFor();
  await dialog.getByLabel("Name of the group").fill("roofs");
  await page.keyboard.press("Enter");
  await giveToken(it.seen);
  await dialog.getByRole("button", { name: "New group" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(it.access.decided.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["PUT", "/v1/groups/roofs", { members: [] }],
  ]);
});

for (const hash of ["#access", "#groups", "#groups/cold-rooms", "#gateway/wh1-cold"]) {
  test(`${hash} fits a phone, in Chinese and in the dark`, async () => {
    await using it = await open(hash, inChineseAndDark);
    await it.page
      .locator("#access tbody, #groups li, #revisions li, #latest tbody")
      .first()
      .waitFor();
    await expectSound(it.seen);
    await takePicture(it.page, `central-${hash.replaceAll(/\W/g, "")}-phone-zh`, true);
  });
}
