import { afterAll, expect, test } from "vitest";
import { buildPanel } from "../../gateway/panel/build.ts";
import { type BookingRig, bookingRig, insulin } from "../support/screens/booking-rig.ts";
import { desktop, expectSound, phone, useBrowser } from "../support/screens/browser.ts";
import { takePicture } from "../support/screens/picture.ts";

await buildPanel();
const browser = useBrowser();
let opened: Promise<BookingRig> | undefined;
/** One gateway for the file: each test imports or holds other goods. */
const rig = () => {
  opened ??= bookingRig();
  return opened;
};
afterAll(async () => {
  await (await opened)?.[Symbol.asyncDispose]();
});
const timeout = 90_000;

test("good rows of a file land, bad ones are shown and saved, and the same file again changes nothing", {
  timeout,
}, async () => {
  const house = await rig();
  const csv = (rows: readonly string[]) => ({
    name: "delivery.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(["kind,sku,location,quantity,document,key", ...rows].join("\r\n")),
  });
  const good = ["receipt,gauze,shelf-a1,40,PO-7,k-1", "issue,gauze,shelf-a1,4,REQ-1,k-2"];
  await using seen = await house.open(browser(), "#/stock/import", phone, ["operator"]);
  const { page } = seen;
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Choose a file first.").waitFor();
  await expectSound(seen);
  await page
    .getByLabel("File", { exact: true })
    .setInputFiles(
      csv([...good, "receipt,nonsense,shelf-a1,3,,", "receipt,gauze,shelf-a1,=1+1,,"]),
    );
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Good rows landed.").waitFor();
  await page.getByText("no such item").waitFor();
  await page.getByText("Line 4").waitFor();
  await expectSound(seen);
  await takePicture(page, "stock-import-phone", true);
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save the bad rows" }).click(),
  ]);
  const text = await textOf(saved.createReadStream());
  expect(text.trim().split("\r\n")).toHaveLength(3);
  expect(await house.movements("item=gauze")).toHaveLength(2);
  await page.getByRole("button", { name: "Import another file" }).click();
  await page.getByLabel("File", { exact: true }).setInputFiles(csv(good));
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Nothing was changed").waitFor();
  await takePicture(page, "stock-import-again-phone");
  expect(await house.movements("item=gauze")).toHaveLength(2);
  const [view] = await house.stock("item=gauze&location=shelf-a1");
  expect(view?.quantity).toBe(36);
});

test("a lot that is put aside is locked until quality signs, and others are told whom to ask", {
  timeout,
}, async () => {
  const house = await rig();
  await using operator = await house.open(browser(), `#/stock/shelf-a1/${insulin}`, desktop, [
    "operator",
  ]);
  await operator.page.getByRole("button", { name: "Put aside: A2301" }).click();
  const asking = operator.page.getByRole("dialog");
  await asking.getByLabel("Why").fill("the box is wet");
  await expectSound(operator);
  await asking.getByRole("button", { name: "Put aside" }).click();
  await asking.waitFor({ state: "detached" });
  const locked = async () => (await house.stock("lots=locked")).flatMap(({ lots }) => lots);
  await expect
    .poll(locked, { timeout: 60_000 })
    .toMatchObject([{ lot: "A2301", state: "held", hold: { cause: "person", by: "operator" } }]);
  await operator.page.goto(`${house.panel}/#/stock/holds`);
  await operator.page.getByText("put aside by operator").waitFor();
  expect(await operator.page.getByRole("button", { name: "Decide about A2301" }).count()).toBe(0);
  await expectSound(operator);
  await using quality = await house.open(browser(), "#/stock/holds", phone, ["quality"]);
  const { page } = quality;
  await page.getByRole("button", { name: "Decide about A2301" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("You sign as quality").waitFor();
  await dialog.getByRole("radio", { name: "Release" }).check();
  await dialog.getByLabel("Why").fill("dried, the seal is whole");
  await expectSound(quality);
  await takePicture(page, "stock-release-phone");
  await dialog.getByRole("button", { name: "Sign" }).click();
  await page.getByText("No lot is held or expired.").waitFor();
  await expectSound(quality);
  expect(await locked()).toEqual([]);
});

test("who may not book sees no button, and who is not logged in is asked first", {
  timeout,
}, async () => {
  const house = await rig();
  await using viewer = await house.open(browser(), "#/stock", desktop, ["viewer"]);
  await viewer.page.getByRole("link", { name: "Movements", exact: true }).waitFor();
  expect(await viewer.page.getByRole("button", { name: "Book", exact: true }).count()).toBe(0);
  await using nobody = await house.open(browser(), "#/stock", desktop);
  await nobody.page.getByRole("button", { name: "Book", exact: true }).first().click();
  await nobody.page.getByLabel("Password").waitFor();
});

async function textOf(stream: Promise<NodeJS.ReadableStream>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
