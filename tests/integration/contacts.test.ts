import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AlarmView, OutputView } from "../../gateway/panel/api.ts";
import { eventually, gatewayRig, scratchFolder } from "../support/spine.ts";

const yaml = (folder: string) => `
version: 1
gateway: { id: it-contacts }
channels:
  pins:
    driver: gpio
    backend: sim
    file: ${join(folder, "lamps.json")}
    inputsFile: ${join(folder, "pins.json")}
    devices:
      door: { points: { front: { access: read, line: 5 } } }
      desk:
        points:
          acknowledge: { access: read, line: 6 }
          silence: { access: read, line: 7, activeLow: true }
      stack: { points: { red: { line: 17 }, buzzer: { line: 22 } } }
buttons: { acknowledge: [desk/acknowledge], silence: [desk/silence], silenceFor: 2min }
rules:
  open: { point: door/front, equal: true, priority: high, outputs: [stack/red, stack/buzzer] }
panel: { listen: "127.0.0.1:{panel}" }
broker: { listen: "127.0.0.1:{broker}" }
`;

test("an open door lights the lamp; one button silences the buzzer, the other acknowledges, each on record", async () => {
  const { path: folder, [Symbol.dispose]: remove } = scratchFolder();
  onTestFinished(remove);
  const pins = (levels: Readonly<Record<number, 0 | 1>>) =>
    writeFileSync(join(folder, "pins.json"), JSON.stringify({ 7: 1, ...levels }));
  const lamps = () => JSON.parse(readFileSync(join(folder, "lamps.json"), "utf8"));
  pins({});
  const rig = await gatewayRig(folder, yaml(folder));
  const gateway = await rig.start();
  onTestFinished(() => gateway.kill("SIGKILL"));
  const alarm = async () => (await rig.get<readonly AlarmView[]>("/api/alarms"))[0];

  pins({ 5: 1 });
  await eventually(alarm, (it) => it?.state === "unacknowledged");
  await eventually(lamps, (it) => it["17"] === 1 && it["22"] === 1);

  pins({ 5: 1, 7: 0 });
  // The buzzer sounds in a rhythm, so that a quiet moment says nothing.
  await eventually(
    async () => rig.get<readonly OutputView[]>("/api/outputs"),
    (it) => it.find(({ key }) => key === "stack/buzzer")?.silenced === true,
  );
  expect((await alarm())?.state).toBe("unacknowledged");

  pins({ 5: 1, 6: 1 });
  const seen = await eventually(alarm, (it) => it?.state === "acknowledged");
  expect(seen?.acknowledgedBy).toBe("button desk/acknowledge");
  expect(lamps()["17"]).toBe(1);
});
