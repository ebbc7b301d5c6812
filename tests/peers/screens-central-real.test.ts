import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCentral } from "../../cloud-sync/central/build.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";
import { alarmEvent } from "../support/memory-outbox.ts";
import { desktop, expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { takePicture } from "../support/screens/picture.ts";
import { RealCentral } from "../support/screens/real-central.ts";

const { dir } = await buildCentral();
const browser = useBrowser();
let central: RealCentral;

beforeAll(async () => {
  central = await RealCentral.open(dir);
}, 120_000);
afterAll(() => central[Symbol.asyncDispose]());

const event = (
  kind: GatewayEvent["kind"],
  body: Readonly<Record<string, unknown>>,
): GatewayEvent => ({
  ...{ kind, at: Date.now(), mono: 1, body },
});

const rules = { "room-warm": { point: "room/temperature", above: 8, priority: "high" } };
const running = { serial: 1, source: "file", author: "file", outcome: "confirmed" } as const;

async function giveToken(page: Page, token: string): Promise<void> {
  await page.getByRole("button", { name: "Enter token" }).click();
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Use token" }).click();
  await page.getByLabel("Token", { exact: true }).waitFor({ state: "detached" });
}

test("a real central shows what is short, who is silent, what was refused and why, and what became of a command", async () => {
  const balance = { location: "shelf-1", item: "bolt", unit: "pcs", name: "Bolt M8", quantity: 2 };
  await central.say(
    event("stock", { do: "balances", part: 1, balances: [balance] }),
    alarmEvent("stock:below-minimum:shelf-1:bolt", "unacknowledged", Date.now(), {
      ...{ message: "Bolt M8 is below its minimum", priority: "low" },
    }),
    event("revision", { ...running, digest: "d1", sections: { rules } }),
  );
  await central.database.query(
    `UPDATE gateway SET name = '二号仓库冷库', last_contact_at = now() - interval '1 hour' WHERE gateway = 'wh2-cold'`,
  );
  await central.database.query(
    `INSERT INTO central_alarm (gateway, rule, since)
     SELECT gateway, 'central/silent', last_contact_at FROM gateway WHERE gateway = 'wh2-cold'`,
  );
  await using seen = await visit(browser(), central.address, desktop);
  const { page } = seen;
  await page.locator("#stock").getByText("Bolt M8").waitFor();
  expect(await page.locator("#stock tbody tr").textContent()).toMatch(
    /minimum.*Bolt M8 bolt2 .*shelf-1wh1-cold/i,
  );
  expect(await page.locator("#alarms").textContent()).toMatch(
    /does not report to central.*二号仓库冷库/,
  );
  const rows = page.locator("#gateways tbody tr");
  await rows.first().waitFor();
  expect(await rows.allTextContents()).toEqual([
    expect.stringMatching(/^二号仓库冷库 wh2-coldSilent since .*1/),
    expect.stringMatching(/^wh1-cold.*Live/),
  ]);
  await expectSound(seen);
  await takePicture(page, "central-stock", true);

  await page.locator("#gateways").getByRole("link", { name: "wh1-cold" }).click();
  await page.getByRole("link", { name: "Configuration" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.getByLabel("Sections", { exact: true });
  await editor.fill((await editor.inputValue()).replace("above: 8", "above: 80"));
  await page.getByLabel("Why").fill("Summer");
  const send = page.getByRole("button", { name: "Send to the gateway" });
  await send.click();
  await giveToken(page, central.operatorToken);
  await send.click();
  await page.getByText("Revision 1 is on its way").waitFor();
  const revision = page.locator("#revisions li", { hasText: "Revision 1" });
  await revision.getByText("waits for the gateway").waitFor();
  await central.say(
    event("revision", {
      ...{ ...running, revision: 1, serial: 2, source: "central", author: "Li Wei" },
      ...{ outcome: "refused", digest: "d1" },
      reason: "gateway.yaml:14:12: rules.room-warm.above: 80 is above what the sensor can measure",
    }),
  );
  await revision.getByText("refused").waitFor();
  expect(await revision.textContent()).toMatch(
    /Li Wei \(central\).*Summer.*gateway\.yaml:14:12: rules\.room-warm\.above: 80 is above/s,
  );

  await page.getByRole("link", { name: "Commands" }).click();
  await page.getByRole("button", { name: "Restart a channel" }).click();
  await page.getByLabel("Channel, as").fill("rs485-a");
  await page.getByRole("button", { name: "Send command" }).click();
  const command = page.locator("#commands tbody tr");
  await command.getByText("waits for the gateway").waitFor();
  expect(await central.fetchMessages(0)).toBe(200);
  expect(await central.fetchMessages(2)).toBe(200);
  await command.getByText("with the gateway").waitFor();
  const [row] = await central.database.query("SELECT id FROM command");
  const done = { id: row?.["id"], action: "restart-channel", by: "Li Wei", outcome: "done" };
  await central.say(event("command", done));
  await command.getByText("done").waitFor();
  expect(seen.foreign).toEqual([]);
});

test("a real central takes a code, a shut-out and a group from its page, and puts on record who decided them", async () => {
  await using seen = await visit(browser(), `${central.address}/#access`, phone);
  const { page } = seen;
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Add a gateway" }).click();
  await dialog.getByLabel("Short name").fill("wh9");
  const make = dialog.getByRole("button", { name: "Make the code" });
  await make.click();
  await giveToken(page, central.operatorToken);
  await make.click();
  expect(await dialog.locator(".code-shown").textContent()).toMatch(/^[0-9A-Z-]{20,}$/);
  await dialog.getByRole("button", { name: "I have it" }).click();
  const rows = page.locator("#access tbody tr");
  await rows.filter({ hasText: "wh9" }).getByText("Waits for its code").waitFor();
  await page.getByRole("link", { name: "wh1-cold" }).click();
  await page.getByRole("button", { name: "Shut it out" }).click();
  await dialog.getByLabel("Type wh1-cold").fill("wh1-cold");
  await page.keyboard.press("Enter");
  await page.getByText(/Shut out since/).waitFor();
  expect(await central.fetchMessages(0)).toBe(403);

  await page.getByRole("link", { name: "Groups" }).click();
  await page.getByText("There is no group yet.").waitFor();
  await page.getByRole("button", { name: "New group" }).click();
  await dialog.getByLabel("Name of the group").fill("roofs");
  await page.keyboard.press("Enter");
  await page.getByText("No gateway is in this group yet.").waitFor();
  await page.getByLabel("Add a gateway").fill("WH2");
  await page.getByRole("button", { name: "Add: wh2-cold" }).click();
  await dialog.getByRole("button", { name: "Add" }).click();
  await page.locator("#members tbody").getByText("told all of it").waitFor();
  const acts = await central.database.query("SELECT act, operator FROM operator_act ORDER BY at");
  expect(acts.map(({ act, operator }) => `${act} ${operator}`).slice(-4)).toEqual([
    ...["enrolment code Li Wei", "revoke Li Wei", "group Li Wei", "group Li Wei"],
  ]);
  expect(seen.foreign).toEqual([]);
});
