import { expect, test } from "vitest";
import type { AlarmView } from "../../gateway/panel/api.ts";
import { buildPanel } from "../../gateway/panel/build.ts";
import type { ExcursionView } from "../../gateway/panel/response-api.ts";
import { SimulatedRoom } from "../support/live-gateway.ts";
import { expectSound, phone, useBrowser, visit } from "../support/screens/browser.ts";
import { person } from "../support/screens/panel-stand-in.ts";
import { eventually, gatewayRig, scratchFolder } from "../support/spine.ts";

await buildPanel();
const browser = useBrowser();

const yaml = (port: string) => `version: 1
gateway: { id: live, language: en }
channels:
  line:
    driver: modbus
    port: ${port}
    devices: { room: { unitId: 1, every: 100ms, points: { t: { table: input, address: 0, type: float64, unit: Cel } } } }
locations:
  fridge: { kind: room, name: Fridge, profile: vaccine-2-8, probe: buffered, points: [room/t], temperature: room/t }
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
`;

test("from the first user to the signed decision: the screens and the gateway itself understand each other", {
  timeout: 150_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(scratchFolder());
  const room = cleanup.use(new SimulatedRoom());
  const port = await room.open();
  room.set("t", 5);
  const rig = await gatewayRig(folder, yaml(port));
  const gateway = await rig.start();
  cleanup.defer(() => gateway.kill("SIGKILL"));
  const listening = await eventually(
    () => gateway.lines.find(({ setupCode }) => setupCode !== undefined),
    (line) => line !== undefined,
  );
  const seen = cleanup.use(await visit(browser(), rig.panel, phone));
  const { page } = seen;

  await page.getByRole("button", { name: "Create the first user" }).click();
  await page.getByLabel("One-time code").fill(String(listening?.["setupCode"]));
  await page.getByLabel("User name").fill(person.user);
  await page.getByLabel("New password").fill(person.password);
  await page.getByRole("button", { name: "Create user" }).click();
  await page.getByRole("button", { name: `${person.user} Log out` }).waitFor();

  room.set("t", 9);
  await page.locator(".alarm.unacknowledged").waitFor();
  await page.getByRole("link", { name: "Alarms" }).click();
  await page.getByRole("button", { name: /^Details: .*8 °C/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Shelve", exact: true }).click();
  await dialog.getByLabel("15 min").click();
  await dialog.getByLabel("Reason").fill("thermostat is being set");
  await dialog.getByRole("button", { name: "Shelve", exact: true }).click();
  await page.getByRole("heading", { name: "Put aside (1)" }).waitFor();
  await page
    .getByText(/by li\.lei · thermostat is being set · until/)
    .first()
    .waitFor();
  await dialog.getByRole("button", { name: "End the shelf", exact: true }).click();
  await dialog.getByRole("button", { name: "End the shelf", exact: true }).click();
  await page.locator(".alarm.unacknowledged").waitFor();
  await dialog.getByRole("button", { name: "Acknowledge", exact: true }).click();
  await page.getByRole("dialog", { name: "Acknowledge this alarm?" }).waitFor();
  await dialog.getByLabel("Comment").fill("set to 4 degrees");
  await dialog.getByRole("button", { name: "Acknowledge", exact: true }).click();
  await page.locator(".alarm.acknowledged").getByText("set to 4 degrees").waitFor();

  room.set("t", 5);
  await page.locator(".alarm").waitFor({ state: "detached" });
  const [alarm] = await rig.get<AlarmView[]>("/api/alarms");
  expect(alarm).toMatchObject({ state: "normal", acknowledgedBy: person.user });
  await page.getByRole("link", { name: "Excursions" }).click();
  await page.locator(".excursion").first().click();
  await page.getByRole("button", { name: "Decide about the goods" }).click();
  await page.getByLabel("What your signature means").fill("responsible");
  await page.getByRole("button", { name: "Sign" }).click();
  await page.getByText(`Signed by ${person.user}`).waitFor();
  await page.getByRole("button", { name: "Decide about the goods" }).click();
  await page.getByLabel("Release").click();
  await page.getByLabel("What your signature means").fill("approved");
  await page.getByRole("button", { name: "Sign" }).click();
  await page.getByText("Goods released").first().waitFor();
  const decided = await eventually(
    () => rig.get<ExcursionView[]>("/api/excursions"),
    ([first]) => first?.dispositions.length === 2,
  );
  expect(decided[0]).toMatchObject({
    state: "closed",
    peak: { value: 9 },
    dispositions: [
      { to: "quarantined", by: person.user, meaning: "responsible" },
      { to: "released", by: person.user, meaning: "approved" },
    ],
  });
  await expectSound(seen);

  await page.goto(`${rig.panel}/#/manage/daily`);
  await page.getByRole("button", { name: /^Checked: Fridge/ }).click();
  await page.getByText(`Checked by ${person.user}`).waitFor();
  expect(seen.errors).toEqual([]);
});
