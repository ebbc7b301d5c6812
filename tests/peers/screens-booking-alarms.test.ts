import { expect, test } from "vitest";
import type { AlarmView, Snapshot } from "../../gateway/panel/api.ts";
import { buildPanel } from "../../gateway/panel/build.ts";
import type { MismatchView, OpenProposal } from "../../gateway/panel/stock-api.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { coldStore } from "../support/screens/cold-store.ts";
import { everyDuty, servePanel } from "../support/screens/panel-stand-in.ts";
import { takePicture } from "../support/screens/picture.ts";

const { dir } = await buildPanel();
const browser = useBrowser();
const timeout = 60_000;

/** So many items are below their minimum at once. */
function stockAlarms(now: number, count: number, language: "en" | "zh" = "en"): Snapshot {
  const alarms = Array.from({ length: count }, (_, index): AlarmView => {
    const item = `item-${index}`;
    return {
      id: `stock:below-minimum:shelf-a1:${item}#1`,
      rule: `stock:below-minimum:shelf-a1:${item}`,
      state: "unacknowledged",
      active: true,
      acknowledged: false,
      latched: false,
      priority: "high",
      message: `${item} below minimum: 12 pcs, minimum 20 pcs`,
      advise: "Refill the shelf; check whether an order is on its way",
      location: "shelf-a1",
      item,
      figures: {
        quantity: 12,
        available: 12,
        min: 20,
        onOrder: 40,
        perDay: 3.25,
        coverDays: 3.7,
        stockOutProbability: 0.62,
        unit: "pcs",
      },
      raisedAt: now - 60_000,
      since: now - 60_000,
    };
  });
  return { ...coldStore(now, language), alarms };
}

for (const [language, device, figures] of [
  ["en", desktop, ["Available12 pcs", "Minimum20 pcs", "On order40 pcs", "Lasts3.7 d"]],
  ["zh", phone, ["可用12 件", "下限20 件", "在途40 件", "可用天数3.7 天"]],
] as const) {
  test(`a stock alarm says its figures in words with units and leads to the item: ${language}`, {
    timeout,
  }, async () => {
    const snapshot = stockAlarms(Date.now(), 2, language);
    await using server = await servePanel({ dir, snapshot, session: everyDuty });
    await using seen = await visit(browser(), `${server.address}/#/alarms`, device);
    const { page } = seen;
    const card = page.locator(".alarm").first();
    await card.locator(".alarm-figures").waitFor();
    expect(await card.locator(".alarm-figures > div").allTextContents()).toEqual(figures);
    expect(await card.locator("a.alarm-item").getAttribute("href")).toBe("#/stock/shelf-a1/item-0");
    await expectSound(seen);
    await takePicture(page, `stock-alarms-${language}`);
    await card.locator(".alarm-action button").last().click();
    const dialog = page.getByRole("dialog");
    await dialog.locator(".alarm-figures").waitFor();
    await dialog.getByText("62 %").waitFor();
    await expectSound(seen);
    await takePicture(page, `stock-alarm-${language}`);
  });
}

test("500 stock alarms are counted, but only so many cards are drawn as somebody reads", {
  timeout,
}, async () => {
  await using server = await servePanel({ dir, snapshot: stockAlarms(Date.now(), 500) });
  await using seen = await visit(browser(), `${server.address}/#/alarms`, phone);
  const { page } = seen;
  await page.getByText("500 alarms · 500 not acknowledged").waitFor();
  expect(await page.locator(".alarm").count()).toBe(60);
  await page.getByRole("button", { name: "and 440 more alarms" }).click();
  await expect.poll(() => page.locator(".alarm").count()).toBe(120);
  expect(seen.errors).toEqual([]);
});

const proposal: OpenProposal = {
  id: "shelf-a1:gauze:x",
  location: "shelf-a1",
  item: "gauze",
  name: "Gauze",
  unit: "pcs",
  from: 100,
  to: 125,
  wanted: 160,
  why: {
    demandPerDay: 8.25,
    leadTimeDays: 9,
    reviewDays: 7,
    serviceLevel: 0.95,
    safetyStock: 22,
    historyDays: 120,
    class: "erratic",
    method: "ses, negbin",
  },
  at: Date.now() - 3_600_000,
};
const mismatch: MismatchView = {
  location: "shelf-a1",
  item: "gauze",
  case: "ledger-high",
  ledger: 40,
  weight: 37,
  tags: 37,
  since: Date.now() - 600_000,
};

test("a proposal says from what to what and why, and is decided with a comment", {
  timeout,
}, async () => {
  let open: readonly OpenProposal[] = [proposal];
  const answers = ({ method, path }: { readonly method: string; readonly path: string }) => {
    if (method === "GET" && path === "/api/stock/proposals") return { body: open };
    if (method !== "POST" || path !== `/api/stock/proposals/${proposal.id}`) return undefined;
    open = [];
    return { body: { done: true } };
  };
  await using server = await servePanel({
    dir,
    snapshot: coldStore(Date.now()),
    session: everyDuty,
    answers,
  });
  await using seen = await visit(browser(), `${server.address}/#/stock/proposals`, phone);
  const { page } = seen;
  await page.getByText(/Reorder point from 100.pcs to 125.pcs/).waitFor();
  await page.getByText("8.25 pcs").waitFor();
  await page.getByText("95 %").waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-proposals-phone", true);
  await page.getByRole("button", { name: "Approve" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Comment").fill("season begins");
  await expectSound(seen);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await page.getByText("No proposal waits.").waitFor();
  const decided = server.asked.find(
    ({ method, path }) => method === "POST" && path.includes("proposals"),
  );
  expect(decided?.body).toEqual({ approve: true, comment: "season begins" });
});

test("a mismatch says what each of the three says, what that means and what to do", {
  timeout,
}, async () => {
  const answers = ({ path }: { readonly path: string }) =>
    path === "/api/stock/mismatches" ? { body: [mismatch] } : undefined;
  const snapshot = coldStore(Date.now(), "zh");
  await using server = await servePanel({ dir, snapshot, session: everyDuty, answers });
  await using seen = await visit(browser(), `${server.address}/#/stock/mismatches`, desktop);
  const { page } = seen;
  await page.getByText("称重与标签都少于账面").waitFor();
  expect(await page.locator(".numbers > div").allTextContents()).toEqual([
    "账面40",
    "称重37",
    "标签37",
  ]);
  await page.getByText("清点实物，登记缺少的数量").waitFor();
  await page.getByRole("button", { name: "盘点 gauze" }).waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-mismatches-zh");
});
