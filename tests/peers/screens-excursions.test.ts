import { expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import type { ExcursionView, MinMaxView } from "../../gateway/panel/response-api.ts";
import { alarmHouse, excursions, minMax } from "../support/screens/alarm-house.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { coldStore } from "../support/screens/cold-store.ts";
import { everyDuty, refusal, servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";
import type { Asked, Reply } from "../support/screens/server.ts";

const { dir } = await buildPanel();
const browser = useBrowser();

function record(now: number) {
  let list: readonly ExcursionView[] = excursions(now);
  let ranges: readonly MinMaxView[] = minMax(now);
  return ({ path, method, body }: Asked): Reply | undefined => {
    if (path === "/api/excursions") return { body: list };
    if (path === "/api/min-max") return { body: ranges };
    if (path.endsWith("/disposition")) {
      const given = new Map(Object.entries(Object(body)));
      if (given.get("meaning") === "no") return refusal(409, "Not so", "Otherwise");
      const to = given.get("to") === "released" ? ("released" as const) : ("quarantined" as const);
      const signed = { to, by: "li.lei", at: now, meaning: String(given.get("meaning")) };
      list = list.map((it) =>
        path.includes(it.id) ? { ...it, dispositions: [...it.dispositions, signed] } : it,
      );
      return { body: list[0] };
    }
    if (method === "POST" && path.startsWith("/api/min-max/")) {
      ranges = ranges.map((it) =>
        path.includes(it.point) ? { ...it, since: now, resetBy: "li.lei", max: it.min } : it,
      );
      return { body: ranges };
    }
    return undefined;
  };
}

for (const [name, language, options] of [
  ["desktop", "en", desktop],
  ["phone", "zh", phone],
] as const) {
  test(`excursions, one of them and the daily check are sound: ${name}, ${language}`, async () => {
    const now = Date.now();
    const snapshot = alarmHouse(now, language);
    await using server = await servePanel({ dir, snapshot, answers: record(now) });
    await using seen = await visit(browser(), `${server.address}/#/excursions`, options);
    const { page } = seen;
    await page.locator(".excursion").first().waitFor();
    expect(await page.locator("#excursions .excursion").count()).toBe(3);
    expect(await page.locator("#excursions-decided .excursion").count()).toBe(1);
    await page
      .getByText(language === "zh" ? "历史：来自迟到的数据" : "Historic: from late samples")
      .waitFor();
    await expectSound(seen);
    await takePicture(page, `excursions-${name}-${language}`, options === desktop);
    await page.locator(".excursion").first().click();
    await page.locator("#trail li").first().waitFor();
    expect(await page.locator("#trail li").count()).toBe(3);
    await expectSound(seen);
    await takePicture(page, `excursion-${name}-${language}`, options === desktop);
    await page.goto(`${server.address}/#/manage/daily`);
    await page.locator(".daily").first().waitFor();
    await expectSound(seen);
    await takePicture(page, `daily-${name}-${language}`);
  });
}

test("an excursion says from when to when, how far, how long, what was there, and why there is no MKT", async () => {
  const now = Date.now();
  await using server = await servePanel({
    dir,
    snapshot: coldStore(now),
    session: everyDuty,
    answers: record(now),
  });
  await using seen = await visit(browser(), `${server.address}/#/excursions/warm%232`, desktop);
  const { page } = seen;
  const facts = page.locator("#excursion .facts");
  await facts.waitFor();
  const text = (await facts.locator("div").allTextContents()).join("\n");
  expect(text).toMatch(/Peak11\.2\s°C/);
  expect(text).toContain("Limitalarm above 8.0\u00a0°C");
  expect(text).toContain("Outside the range1 h 30 min");
  expect(text).toContain("not calculated: too few values (41% of the time covered)");
  const goods = await page.locator("#goods").textContent();
  expect(goods).toMatch(/Cold room 2 \(insulin\), Shelf A1/);
  expect(goods).toMatch(/A2301, A2302/);
  const address = await page.getByRole("link", { name: "Report (PDF)" }).getAttribute("href");
  const asked = new URL(address ?? "", server.address);
  expect(asked.pathname).toBe("/api/report.pdf");
  expect(asked.searchParams.get("location")).toBe("cold-2");
  expect(Date.parse(asked.searchParams.get("from") ?? "")).toBe(now - 52 * 3_600_000);
  expect(Date.parse(asked.searchParams.get("to") ?? "")).toBe(now - 46.5 * 3_600_000);
});

test("goods go into quarantine and only then out of it, each with a signature", async () => {
  const now = Date.now();
  await using server = await servePanel({
    dir,
    snapshot: coldStore(now),
    session: everyDuty,
    answers: record(now),
  });
  const historic = excursions(now)[2]?.id ?? "";
  await using seen = await visit(
    browser(),
    `${server.address}/#/excursions/${encodeURIComponent(historic)}`,
    phone,
  );
  const { page } = seen;
  const decide = page.getByRole("button", { name: "Decide about the goods" });
  const sign = page.getByRole("button", { name: "Sign" });
  await decide.click();
  await page.getByText("You sign as li.lei").waitFor();
  expect(await page.getByLabel("Release").count()).toBe(0);
  await page.getByLabel("What your signature means").fill("responsible");
  await expectSound(seen);
  await takePicture(page, "excursion-sign-phone");
  await sign.click();
  await page.getByText("Signed by li.lei").waitFor();
  expect(server.asked.find(({ method }) => method === "POST")).toMatchObject({
    path: `/api/excursions/${historic}/disposition`,
    body: { to: "quarantined", meaning: "responsible" },
  });
  await decide.click();
  await sign.click();
  expect(server.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  await page.getByLabel("Release").click();
  await page.getByLabel("What your signature means").fill("approved");
  await sign.click();
  await page.getByText("Goods released").first().waitFor();
  await expectSound(seen);
});

test("goods of an excursion that is not over cannot be released, and a discard is final", async () => {
  const now = Date.now();
  const [open, ...rest] = excursions(now);
  if (open === undefined) throw new Error("there is an open excursion");
  const signed = { to: "quarantined", by: "li.na", at: now, meaning: "responsible" } as const;
  const list = [{ ...open, dispositions: [signed] }, ...rest];
  await using server = await servePanel({
    dir,
    snapshot: coldStore(now),
    session: everyDuty,
    answers: ({ path }) => (path === "/api/excursions" ? { body: list } : undefined),
  });
  await using seen = await visit(browser(), `${server.address}/#/excursions/warm%233`, desktop);
  const { page } = seen;
  await page.getByRole("button", { name: "Decide about the goods" }).click();
  await page.getByText("Goods can be released when the excursion is over.").waitFor();
  expect(await page.getByLabel("Release").count()).toBe(0);
  expect(await page.getByLabel("Discard").count()).toBe(1);
  await page.goto(`${server.address}/#/excursions/frozen%231`);
  await page.getByText("This decision is final.").waitFor();
  await page.getByText("not calculated: it says nothing about freezing").waitFor();
});

test("the daily check puts lowest and highest value on record under a name", async () => {
  const now = Date.now();
  await using server = await servePanel({
    dir,
    snapshot: coldStore(now),
    session: everyDuty,
    answers: record(now),
  });
  await using seen = await visit(browser(), `${server.address}/#/manage/daily`, phone);
  const { page } = seen;
  const name = "Checked: Cold room 2 (insulin): Temperature";
  await page.getByRole("button", { name }).click();
  await page.getByText("Checked by li.lei").waitFor();
  expect(server.asked.find(({ method }) => method === "POST")?.path).toBe(
    "/api/min-max/cold-2/temperature/reset",
  );
  expect(await page.locator(".daily").last().textContent()).not.toContain("9.6");
  await expectSound(seen);
});

test("a gateway that cannot say its excursions is not taken for one without any", async () => {
  await using server = await servePanel({
    dir,
    snapshot: coldStore(Date.now()),
    answers: ({ path }) =>
      path === "/api/excursions" ? refusal(503, "The store is locked", "Try again") : undefined,
  });
  await using seen = await visit(browser(), `${server.address}/#/excursions`, desktop);
  await seen.page.getByText("The store is locked").waitFor();
  expect(await seen.page.getByText("Nothing is outside its range").count()).toBe(0);
});
