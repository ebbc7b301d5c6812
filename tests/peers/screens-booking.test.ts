import { afterAll, expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { type BookingRig, bookingRig, insulin } from "../support/screens/booking-rig.ts";
import { desktop, expectSound, phone, useBrowser } from "../support/screens/browser.ts";
import { takePicture } from "../support/screens/picture.ts";

await buildPanel();
const browser = useBrowser();
let opened: Promise<BookingRig> | undefined;
/** One gateway for the file: each test books other goods or reads what changed. */
const rig = () => {
  opened ??= bookingRig();
  return opened;
};
afterAll(async () => {
  await (await opened)?.[Symbol.asyncDispose]();
});
const timeout = 90_000;

test("a scanned code fills item, lot and expiry, and what lands in the ledger is what was said before", {
  timeout,
}, async () => {
  const house = await rig();
  await using seen = await house.open(browser(), "#/stock", phone, ["operator"]);
  const { page } = seen;
  await page.getByRole("button", { name: "Book", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Scan a code").fill("010690123456789217270630" + "10B77");
  await dialog.getByLabel("Scan a code").press("Enter");
  await dialog.getByText("Read: 胰岛素注射液, lot B77, Expires on 2027-06-30").waitFor();
  await dialog.getByLabel("Location").selectOption("shelf-a1");
  await dialog.getByRole("button", { name: "1", exact: true }).click();
  await dialog.getByRole("button", { name: "2", exact: true }).click();
  await dialog.getByRole("button", { name: "10 more" }).click();
  await dialog.getByRole("button", { name: "1 less" }).click();
  await dialog.getByText(/Shelf A1: from 24.pcs to 45.pcs/).waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-book-phone");
  await dialog.getByRole("button", { name: "Book", exact: true }).dblclick();
  await dialog.getByText("Shelf A1: 45 pcs").waitFor();
  await expectSound(seen);
  const booked = await house.movement(({ lot }) => lot === "B77");
  expect(booked).toMatchObject({
    kind: "receipt",
    item: insulin,
    location: "shelf-a1",
    quantity: 21,
    evidence: { by: "person", person: "operator" },
  });
  expect(await house.movements("lot=B77")).toHaveLength(1);
  const [view] = await house.stock(`item=${insulin}`);
  expect(view?.lots.find(({ lot }) => lot === "B77")).toMatchObject({ expires: "2027-06-30" });
});

test("what cannot be booked is said in the form, in the person's language, and nothing lands", {
  timeout,
}, async () => {
  const house = await rig();
  await house.book({ kind: "receipt", item: "gauze", location: "shelf-a2", quantity: 5 });
  const before = await house.movements("item=gauze");
  await using seen = await house.open(browser(), "#/stock", desktop, ["operator"]);
  const { page } = seen;
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("button", { name: "登记", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("扫码").fill("no such thing");
  await dialog.getByLabel("扫码").press("Enter");
  await dialog.getByText("该条码不含库存信息").waitFor();
  await dialog.getByLabel("扫码").fill("gauze");
  await dialog.getByLabel("扫码").press("Enter");
  await dialog.getByText("已读取：Gauze").waitFor();
  await dialog.getByRole("radio", { name: "调拨" }).check();
  await dialog.getByLabel("库位", { exact: true }).selectOption("shelf-a2");
  await dialog.getByLabel("数量（件）").fill("7");
  await dialog.getByLabel("目标库位").selectOption("shelf-a1");
  await dialog.getByRole("button", { name: "登记", exact: true }).click();
  await dialog.getByRole("alert").getByText("这里没有这么多").waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-book-refused-zh");
  expect(await house.movements("item=gauze")).toEqual(before);
  await dialog.getByLabel("数量（件）").fill("4");
  await dialog.getByText(/Shelf A1：从 0.件 变为 4.件/).waitFor();
  await dialog.getByRole("button", { name: "登记", exact: true }).click();
  await dialog.getByText("已登记").waitFor();
  const moved = await house.movements("item=gauze&kind=transfer");
  expect(moved.map(({ location, quantity }) => [location, quantity]).sort()).toEqual([
    ["shelf-a1", 4],
    ["shelf-a2", -4],
  ]);
});

test("a correction needs its reason, and the reason says which way it goes", {
  timeout,
}, async () => {
  const house = await rig();
  await house.book({ kind: "receipt", item: "gauze", location: "shelf-a2", quantity: 9 });
  const [before] = await house.stock("item=gauze&location=shelf-a2");
  await using seen = await house.open(browser(), "#/stock", desktop, ["operator"]);
  const { page } = seen;
  await page.getByRole("button", { name: "Book", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Scan a code").fill("gauze");
  await dialog.getByLabel("Scan a code").press("Enter");
  await dialog.getByRole("radio", { name: "Correct" }).check();
  await dialog.getByLabel("Location").selectOption("shelf-a2");
  await dialog.getByLabel("Quantity in pcs").fill("2");
  await dialog.getByRole("button", { name: "Book", exact: true }).click();
  await dialog.getByText("Choose a reason.").waitFor();
  await dialog.getByLabel("Reason").selectOption("damaged");
  await dialog.getByText("Document, note").click();
  await dialog.getByLabel("Note").fill("fell off the shelf");
  await dialog.getByRole("button", { name: "Book", exact: true }).click();
  await dialog.getByText("Booked").waitFor();
  expect(await house.movement(({ reason }) => reason === "damaged")).toMatchObject({
    kind: "adjust",
    item: "gauze",
    location: "shelf-a2",
    quantity: -2,
    evidence: { note: "fell off the shelf" },
  });
  const [after] = await house.stock("item=gauze&location=shelf-a2");
  expect(after?.quantity).toBe((before?.quantity ?? 0) - 2);
  expect(seen.errors).toEqual([]);
});

test("a count hides what is booked until somebody has counted, and books the difference", {
  timeout,
}, async () => {
  const house = await rig();
  await house.book({ kind: "count", item: "gauze", location: "shelf-a1", quantity: 40 });
  await using seen = await house.open(browser(), "#/stock/count", phone, ["operator"]);
  const { page } = seen;
  await page.getByLabel("Where do you count?").selectOption("shelf-a1");
  await page.getByText(/^0 of \d counted$/).waitFor();
  await expectSound(seen);
  await page.getByRole("button", { name: "Count Gauze" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("How much is there? (pcs)").fill("37");
  expect(await page.locator("main, dialog").allTextContents()).not.toContain("40");
  await expectSound(seen);
  await dialog.getByRole("button", { name: "Compare" }).click();
  await dialog.getByText(/3.pcs less than booked/).waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-count-phone");
  await dialog.getByRole("button", { name: "Book this count" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText(/^1 of \d counted$/).waitFor();
  expect(
    await house.movement(({ kind, item }) => kind === "count" && item === "gauze"),
  ).toMatchObject({
    location: "shelf-a1",
    quantity: -3,
    evidence: { expected: 40, counted: 37, person: "operator" },
  });
  await expectSound(seen);
  await takePicture(page, "stock-count-walk-phone", true);
});

test("the ledger shows what each movement is believed by, and is found by kind and place", {
  timeout,
}, async () => {
  const house = await rig();
  await house.book({
    kind: "issue",
    item: insulin,
    location: "shelf-a1",
    lot: "A2301",
    quantity: 3,
    document: "REQ-9",
  });
  await using seen = await house.open(browser(), "#/stock/movements", desktop);
  const { page } = seen;
  await page.getByLabel("What happened").selectOption("issue");
  await page.getByLabel("Location").selectOption("shelf-a1");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const entries = page.locator(".ledger-entry");
  await expect.poll(() => entries.count()).toBe(1);
  await entries.first().locator("summary").click();
  await entries.getByText("REQ-9").waitFor();
  await entries.getByText(/ni:\/\/\/sha-256/).waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-movements-desktop", true);
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await saved.createReadStream()) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString().trim().split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("issue,06901234567892,shelf-a1,,A2301,3,pcs,,REQ-9");
});
