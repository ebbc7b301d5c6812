import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { buildCentral } from "../../cloud-sync/central/build.ts";
import {
  desktop,
  expectSound,
  phone,
  seriousFindings,
  useBrowser,
  type Visit,
  visit,
} from "../support/screens/browser.ts";
import { fleet, serveCentral } from "../support/screens/central-stand-in.ts";
import { DownStandIn, operatorToken } from "../support/screens/down-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildCentral();
const browser = useBrowser();

const inChineseAndDark = { ...phone, locale: "zh-CN", colorScheme: "dark" } as const;

async function open(part?: string, options = desktop) {
  const now = Date.now();
  const down = new DownStandIn(now);
  const server = await serveCentral({
    ...{ dir, fleet: () => fleet(now), also: (asked) => down.answer(asked) },
  });
  const seen = await visit(browser(), `${server.address}/#gateway/wh1-cold/${part ?? ""}`, options);
  const end = async () => {
    await seen[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { down, seen, page: seen.page, [Symbol.asyncDispose]: end };
}

/** A refusal is an answer of 401 or 400, which the browser's console calls an error. */
async function expectSoundButRefused(seen: Visit): Promise<void> {
  await expectSound({ ...seen, errors: seen.errors.filter((it) => !/ 40[01] /.test(it)) });
}

async function giveToken(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Enter token" }).click();
  await page.getByLabel("Token", { exact: true }).fill(operatorToken);
  await page.getByRole("button", { name: "Use token" }).click();
  await page.getByLabel("Token", { exact: true }).waitFor({ state: "detached" });
}

test("what runs and what was changed: who, when, why, what became of it, and what was different", async () => {
  await using it = await open("configuration");
  const rows = it.page.locator("#revisions li");
  await rows.first().waitFor();
  const texts = await rows.allTextContents();
  for (const [index, said] of [
    /^Revision 7refused.*wang\.fang \(central\).*Summer limits.*config\/conflict.*decide again/s,
    /^Configuration 12runs well.*edited at the gateway/s,
    /^Revision 5taken back.*for group cold-rooms.*rs485-a gives no values/s,
    /^Revision 3runs well.*Insulin: at least 20/s,
  ].entries()) {
    expect(texts[index]).toMatch(said);
  }
  expect(await it.page.locator("#running").textContent()).toMatch(
    /12.*li\.lei \(central\).*4f1c2a9be07d/,
  );
  expect(await rows.nth(1).getByRole("button").count(), "a local one is taken back there").toBe(0);
  await rows.first().getByText("What changed").click();
  expect(await rows.first().locator(".come").textContent()).toContain("above: 7.5");
  await expectSound(it.seen);
  await takePicture(it.page, "central-configuration", true);
});

test("a change goes out with what its author saw, only the section that differs", async () => {
  await using it = await open("configuration");
  await it.page.getByRole("button", { name: "Edit" }).click();
  const editor = it.page.getByLabel("Sections", { exact: true });
  const text = await editor.inputValue();
  expect(text).toContain("dingtalk: !secret dingtalk-cold");
  await editor.fill(text.replace("above: 8", "above: 7.5"));
  await it.page.getByLabel("Why").fill("Summer");
  await it.page.getByRole("button", { name: "Send to the gateway" }).click();
  await it.page.getByText("this needs the token of a person").waitFor();
  await giveToken(it.page);
  expect(await editor.inputValue(), "the text outlives the question for a token").toContain("7.5");
  await it.page.getByRole("button", { name: "Send to the gateway" }).click();
  await it.page.getByText("Revision 10 is on its way").waitFor();
  expect(it.down.decided.map(({ body }) => body)).toMatchObject([
    {
      base: "4f1c2a9be07d",
      comment: "Summer",
      sections: { rules: { "cold-2-warm": { above: 7.5 } } },
    },
  ]);
  expect(it.down.decided[0]?.body).not.toHaveProperty("sections.notify");
  await expectSoundButRefused(it.seen);
});

test("mistakes stand with their line, central's as well as those that the page sees", async () => {
  await using it = await open("configuration");
  it.down.refusal = {
    status: 400,
    body: {
      code: "bad-request",
      message: "rules.cold-2-warm.priority: unknown value\nrules.cold-2-warm: no advise",
    },
  };
  await it.page.getByRole("button", { name: "Edit" }).click();
  const editor = it.page.getByLabel("Sections", { exact: true });
  const text = await editor.inputValue();
  const send = it.page.getByRole("button", { name: "Send to the gateway" });
  await send.click();
  await it.page.getByText("Nothing was changed.").waitFor();
  await editor.fill(`${text}channels:\n  a: {}\n`);
  await send.click();
  await it.page.getByText("this section is the technician's").waitFor();
  await editor.fill(text.replace("critical", "very"));
  await send.click();
  await giveToken(it.page);
  await send.click();
  await it.page.getByText("2 mistakes").waitFor();
  const mistakes = it.page.locator(".mistakes li");
  expect(await mistakes.first().textContent()).toMatch(/line \d+.*priority unknown value/);
  await mistakes.first().getByRole("button").click();
  const chosen = await editor.evaluate((it) =>
    it instanceof HTMLTextAreaElement ? it.value.slice(it.selectionStart, it.selectionEnd) : "",
  );
  expect(chosen).toContain("priority: very");
  await expectSoundButRefused(it.seen);
  await takePicture(it.page, "central-editor", true);
});

test("whoever edits hears that something else runs meanwhile, sees what, and decides again", async () => {
  await using it = await open("configuration");
  await it.page.getByRole("button", { name: "Edit" }).click();
  const editor = it.page.getByLabel("Sections", { exact: true });
  await editor.fill("rules: {}\n");
  it.down.digest = "another-digest";
  it.down.author = "han.mei";
  it.down.sections = { ...it.down.sections, escalation: { night: {} } };
  await it.page.getByText("Something else runs since you began").waitFor();
  expect(await it.page.locator("#edit").textContent()).toMatch(/han\.mei.*put in \+ escalation/s);
  await expectSound(it.seen);
  await it.page.getByRole("button", { name: "keep my text" }).click();
  expect(await editor.inputValue()).toBe("rules: {}\n");
  await it.page.getByRole("button", { name: "Send to the gateway" }).click();
  await giveToken(it.page);
  await it.page.getByRole("button", { name: "Send to the gateway" }).click();
  await it.page.getByText("Revision 10 is on its way").waitFor();
  expect(it.down.decided[0]?.body).toMatchObject({ base: "another-digest" });
});

test("an earlier revision is put back, against what the page shows", async () => {
  await using it = await open("configuration", phone);
  const row = it.page.locator("#revisions li", { hasText: "Revision 3" });
  await row.getByRole("button", { name: "Put this one back" }).click();
  const dialog = it.page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("as before");
  expect(await seriousFindings(it.page)).toEqual([]);
  await dialog.getByRole("button", { name: "Put this one back" }).click();
  await giveToken(it.page);
  await dialog.getByRole("button", { name: "Put this one back" }).click();
  await it.page.getByText("Revision 10 is on its way").waitFor();
  expect(it.down.decided).toMatchObject([
    {
      path: "/v1/gateways/wh1-cold/revisions/3/restore",
      body: { base: "4f1c2a9be07d", comment: "as before" },
    },
  ]);
});

test("commands are given and listed with what became of them", async () => {
  await using it = await open("commands");
  const rows = it.page.locator("#commands tbody tr");
  await rows.first().waitFor();
  expect(await rows.allTextContents()).toMatchObject([
    expect.stringMatching(
      /Restart a channel rs485-b.*refused there is no channel rs485-b.*li\.lei/,
    ),
    expect.stringMatching(/Send logs.*done/),
  ]);
  await it.page.getByRole("button", { name: "Test a lamp or buzzer" }).click();
  await it.page.getByLabel("Annunciator").fill("stack/red");
  await it.page.getByRole("button", { name: "Send command" }).click();
  await giveToken(it.page);
  await it.page.getByRole("button", { name: "Send command" }).click();
  await it.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(it.down.decided.map(({ body }) => body)).toEqual([
    { action: "test", target: "stack/red" },
  ]);
  await it.page.getByText("waits for the gateway").waitFor();
  await it.page.getByRole("button", { name: "Save (177 KiB)" }).waitFor();
  const saved = it.page.waitForEvent("download");
  await it.page.getByRole("button", { name: "Save (177 KiB)" }).click();
  expect((await saved).suggestedFilename()).toBe("c1.tar.gz");
  await expectSoundButRefused(it.seen);
  await takePicture(it.page, "central-commands", true);
});

test("an alarm is acknowledged from its row, by a command for its rule", async () => {
  await using it = await open();
  await it.page.locator("#alarms").getByRole("button", { name: "Acknowledge" }).click();
  const dialog = it.page.getByRole("dialog");
  await dialog.getByText("Cold room 2 is too warm").waitFor();
  await dialog.getByLabel("Comment").fill("door was open");
  await dialog.getByRole("button", { name: "Send command" }).click();
  await giveToken(it.page);
  await dialog.getByRole("button", { name: "Send command" }).click();
  await it.page.locator("#commands tbody tr").first().waitFor();
  expect(it.down.decided.map(({ body }) => body)).toEqual([
    { action: "acknowledge", target: "cold-2-warm", comment: "door was open" },
  ]);
});

test("until when a certificate is good, and that a gateway is shut out", async () => {
  await using it = await open("identity");
  const identity = it.page.locator("#identity");
  await identity.locator("tbody tr").first().waitFor();
  expect(await identity.textContent()).toMatch(
    /May report.*good until.*5f3a9c0277d1.*ended a newer one is in use/s,
  );
  await expectSound(it.seen);
  it.down.access = { ...it.down.access, revokedAt: Date.now() - 60_000 };
  await identity.getByText(/Shut out since/).waitFor();
  expect(await identity.textContent()).toMatch(/Central takes nothing from it.*Shut out/s);
  await expectSound(it.seen);
});

for (const part of ["configuration", "commands", "identity"] as const) {
  test(`${part} fits a phone, in Chinese and in the dark`, async () => {
    await using it = await open(part, inChineseAndDark);
    await it.page
      .locator("#revisions li, #commands tbody tr, #identity tbody tr")
      .first()
      .waitFor();
    await expectSound(it.seen);
    if (part === "configuration") {
      await it.page.getByRole("button", { name: "编辑" }).click();
      await it.page.getByLabel("配置内容").waitFor();
      await expectSound(it.seen);
    }
    await takePicture(it.page, `central-${part}-phone-zh`, true);
  });
}
