import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { alarmHouse, everyState } from "../support/screens/alarm-house.ts";
import {
  desktop,
  expectSound,
  phone,
  seriousFindings,
  useBrowser,
  visit,
  wall,
} from "../support/screens/browser.ts";
import { coldStore } from "../support/screens/cold-store.ts";
import { everyDuty, person, refusal, servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

const looks: readonly [name: string, language: "en" | "zh", options: BrowserContextOptions][] = [
  ["desktop", "en", desktop],
  ["phone", "zh", phone],
  ["dark-phone", "en", { ...phone, colorScheme: "dark" }],
];

for (const [name, language, options] of looks) {
  test(`all nine states stand on the alarm page, each with its own word and shape: ${name}, ${language}`, async () => {
    const snapshot = alarmHouse(Date.now(), language);
    await using server = await servePanel({ dir, snapshot });
    await using seen = await visit(browser(), `${server.address}/#/alarms`, options);
    const { page } = seen;
    await page.locator("#over .row").waitFor();
    expect(await page.locator(".alarm").count()).toBe(7);
    expect(await page.locator("#aside .row").count()).toBe(3);
    const looksOfStates = await page
      .locator(".alarm-state, .alarm-facts > .tag, .aside-facts > .tag:first-child, #over .tag")
      .evaluateAll((tags) => tags.map((tag) => tag.outerHTML.replace(/ style="[^"]*"/g, "")));
    expect(new Set(looksOfStates).size).toBe(9);
    await expectSound(seen);
    await takePicture(page, `alarms-${name}-${language}`, options === desktop);
  });
}

test("what is put aside is counted apart, and says who, why and until when", async () => {
  await using server = await servePanel({ dir, snapshot: alarmHouse(Date.now()) });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  await page.getByRole("heading", { name: "Put aside (3)" }).waitFor();
  await page.getByText("7 alarms · 4 not acknowledged").waitFor();
  const rows = page.locator("#aside .row");
  const row = (text: string) => rows.filter({ hasText: text }).textContent();
  expect(await row("is humid")).toMatch(
    /by li\.na · dehumidifier is being mended · until .*\d\d:\d\d/s,
  );
  expect(await row("Evaporator")).toMatch(/by its rule/);
  expect(await row("Probe 4")).toMatch(
    /by li\.na · sent to calibration · expected back .*\d\d:\d\d/s,
  );
  await page.getByText("Buzzers silenced by li.na until").waitFor();
  await expectSound(seen);
});

test("nothing put aside takes part in the word for all of it on the wall, and it fits", async () => {
  const now = Date.now();
  const aside = everyState(now).filter(({ state }) =>
    ["shelved", "suppressed", "out-of-service", "normal"].includes(state),
  );
  const snapshot = { ...coldStore(now), alarms: [...aside] };
  await using server = await servePanel({ dir, snapshot });
  await using seen = await visit(browser(), `${server.address}/#wall`, wall);
  const { page } = seen;
  await page.locator(".wall-summary").getByText("All is well").waitFor();
  await page.locator(".wall-summary").getByText("3 put aside").waitFor();
  await expectSound(seen);
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  server.change({ alarms: [...everyState(now)] });
  await page.locator(".wall-summary").getByText("7 alarms · 4 not acknowledged").waitFor();
  await expectSound(seen);
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await takePicture(page, "wall-alarms");
});

async function openDetails(page: Page, message: string): Promise<void> {
  await page.getByRole("button", { name: `Details: ${message}` }).click();
  await page.getByRole("dialog", { name: message }).waitFor();
}

test("an alarm is shelved with a reason and a time; the wish reaches the gateway as it was meant", async () => {
  await using server = await servePanel({
    dir,
    snapshot: alarmHouse(Date.now()),
    session: everyDuty,
    answers: ({ path, body }) => {
      if (!path.endsWith("/shelve")) return undefined;
      const minutes = typeof body === "object" && body !== null && "minutes" in body;
      return minutes
        ? {
            status: 400,
            body: {
              code: "alarm/shelf-too-long",
              message: "At most 60 minutes",
              todo: "Choose less",
            },
          }
        : { body: {} };
    },
  });
  await using seen = await visit(browser(), `${server.address}/#/alarms`, phone);
  const { page } = seen;
  await openDetails(page, "Cold room 2 is too warm");
  await expectSound(seen);
  await takePicture(page, "alarm-details-phone");
  await page.getByRole("button", { name: "Shelve", exact: true }).click();
  await page.getByRole("heading", { name: "Shelve this alarm?" }).waitFor();
  await expectSound(seen);
  const send = page.getByRole("button", { name: "Shelve", exact: true });
  await page.getByLabel("8 h").click();
  await send.click();
  expect(server.asked.some(({ path }) => path.endsWith("/shelve"))).toBe(false);
  await page.getByLabel("Reason").fill("door seal is being changed");
  await takePicture(page, "alarm-shelve-phone");
  await send.click();
  await page.getByText("At most 60 minutes").waitFor();
  await page.getByText("Choose less").waitFor();
  expect(server.asked.at(-1)).toMatchObject({
    path: "/api/alarms/warm#3/shelve",
    body: { reason: "door seal is being changed", minutes: 480 },
  });
  await page.getByLabel("Until it returns to normal").click();
  await send.click();
  await page.getByRole("heading", { name: "Shelve this alarm?" }).waitFor({ state: "detached" });
  expect(server.asked.findLast(({ path }) => path.endsWith("/shelve"))?.body).toEqual({
    reason: "door seal is being changed",
    oneShot: true,
  });
});

test("each of the other acts reaches the gateway under its own name", async () => {
  await using server = await servePanel({
    dir,
    snapshot: alarmHouse(Date.now()),
    session: everyDuty,
  });
  await using seen = await visit(browser(), `${server.address}/#/alarms`, desktop);
  const { page } = seen;
  const cases = [
    ["Frost on the evaporator", "Reset", undefined, "frost#3/reset", {}],
    ["Cold room 1 is humid", "End the shelf", undefined, "humid#3/unshelve", {}],
    ["Evaporator is warm", "End the suppression", undefined, "defrost#3/unsuppress", {}],
    ["Probe 4 is out of range", "Return to service", undefined, "probe#3/return-to-service", {}],
    [
      "Mains power lost",
      "Suppress",
      "planned test",
      "mains#3/suppress",
      { reason: "planned test" },
    ],
  ] as const;
  for (const [message, act, reason, path, body] of cases) {
    await openDetails(page, message);
    await page.getByRole("button", { name: act, exact: true }).click();
    await page.locator(".act-form").waitFor();
    if (reason !== undefined) await page.getByLabel("Reason").fill(reason);
    await page.getByRole("button", { name: act, exact: true }).click();
    await page.locator(".act-form").waitFor({ state: "detached" });
    expect(server.asked.findLast(({ method }) => method === "POST")).toMatchObject({
      path: `/api/alarms/${path}`,
      body,
    });
    await page.keyboard.press("Escape");
  }
  await openDetails(page, "Smoke in the corridor");
  await page.getByRole("button", { name: "Take out of service" }).click();
  await page.getByLabel("Reason").fill("detector is replaced");
  await page.getByLabel("4 h").click();
  const before = Date.now();
  await page.getByRole("button", { name: "Take out of service" }).click();
  await page.locator(".act-form").waitFor({ state: "detached" });
  const sent = server.asked.findLast(({ method }) => method === "POST");
  expect(sent?.path).toBe("/api/alarms/smoke#3/out-of-service");
  const until = Number(new Map(Object.entries(Object(sent?.body))).get("until"));
  expect(Math.abs(until - before - 4 * 3_600_000)).toBeLessThan(60_000);
  expect(seen.errors).toEqual([]);
});

test("a viewer sees no button that would be refused, but whom to ask", async () => {
  await using server = await servePanel({
    dir,
    snapshot: alarmHouse(Date.now()),
    session: { user: "guest", roles: ["viewer"], may: [], setupNeeded: false },
  });
  await using seen = await visit(browser(), server.address, phone);
  const { page } = seen;
  await page.locator(".alarm").first().waitFor();
  expect(await page.getByRole("button", { name: /^Acknowledge/ }).count()).toBe(0);
  await page.getByText("Ask somebody with the role operator or supervisor").first().waitFor();
  await openDetails(page, "Cold room 2 is too warm");
  const dialog = page.getByRole("dialog");
  expect(await dialog.locator(".acts button").count()).toBe(0);
  await dialog
    .getByText("Your role does not allow this. Ask somebody with the role supervisor.")
    .first()
    .waitFor();
  await expectSound(seen);
});

test("several that are not critical are acknowledged together; the critical one stays", async () => {
  await using server = await servePanel({
    dir,
    snapshot: alarmHouse(Date.now()),
    session: everyDuty,
  });
  await using seen = await visit(browser(), `${server.address}/#/alarms`, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Acknowledge 3 that are not critical" }).click();
  const dialog = page.getByRole("dialog", { name: "Acknowledge several alarms?" });
  await dialog.waitFor();
  expect(await dialog.getByText("Cold room 2 is too warm").count()).toBe(0);
  await expectSound(seen);
  await takePicture(page, "alarms-several-phone");
  await dialog.getByLabel("Smoke in the corridor").uncheck();
  await dialog.getByLabel("Comment").fill("seen on the round");
  await dialog.getByRole("button", { name: "Acknowledge", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  expect(server.asked.at(-1)).toMatchObject({
    path: "/api/alarms/acknowledge",
    body: { ids: ["stale#3", "door#3"], comment: "seen on the round" },
  });
});

test("where a rule wants a reason the dialog asks for it once the gateway has said so", async () => {
  await using server = await servePanel({
    dir,
    snapshot: alarmHouse(Date.now()),
    answers: ({ path, body }) =>
      path.endsWith("/acknowledge") && JSON.stringify(body) === "{}"
        ? {
            status: 400,
            body: {
              code: "alarm/reason-required",
              message: "Say what was done",
              todo: "Add a comment",
            },
          }
        : undefined,
    session: everyDuty,
  });
  await using seen = await visit(browser(), server.address, desktop);
  const { page } = seen;
  await page.getByRole("button", { name: "Acknowledge: Cold room 2 is too warm" }).click();
  const send = page.getByRole("dialog").getByRole("button", { name: "Acknowledge", exact: true });
  await send.click();
  await page.getByText("Say what was done").waitFor();
  await page.getByText("Add a comment").waitFor();
  const asked = server.asked.length;
  await send.click();
  expect(server.asked.length).toBe(asked);
  await page.getByLabel("Comment").fill("compressor restarted");
  await send.click();
  await page.getByText("compressor restarted").waitFor();
  expect(await seriousFindings(page)).toEqual([]);
});

test("buzzers are silenced for as long as was pressed", async () => {
  const now = Date.now();
  const { outputs, ...rest } = alarmHouse(now);
  const loud = outputs.map(({ silence: _, ...output }) => ({ ...output, silenced: false }));
  await using server = await servePanel({
    dir,
    snapshot: { ...rest, outputs: loud },
    session: everyDuty,
    answers: ({ path }) =>
      path === "/api/silence" ? refusal(503, "Try again", "Wait a moment") : undefined,
  });
  await using seen = await visit(browser(), `${server.address}/#/alarms`, phone);
  const { page } = seen;
  await page.getByRole("button", { name: "Silence buzzers for 15 min" }).click();
  await page.getByText("Wait a moment").waitFor();
  expect(server.asked.at(-1)).toMatchObject({ path: "/api/silence", body: { minutes: 15 } });
  expect(person.user).toBe(everyDuty.user);
});
