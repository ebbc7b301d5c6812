import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { rfid } from "../../drivers/rfid/driver.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { Supervisor } from "../../gateway/acquisition/supervisor.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { needPrograms } from "../support/need-program.ts";
import { temporaryFolder } from "./modbus/peer.ts";

const patienceMs = 60_000;

/** A reader at the far end of a serial cable, run by the gateway's own supervisor at the near end. */
async function setUp(context: TestContext, protocol: string, epc: string) {
  needPrograms(context, "socat");
  const folder = temporaryFolder();
  const [near, far] = [join(folder.path, "near"), join(folder.path, "far")];
  const field = new TagField([{ epc }], { readsPerSecond: 20 });
  const plugIn = async () => {
    const ends = [near, far].map((path) => `pty,raw,echo=0,link=${path}`);
    const socat = spawn("socat", ends, { stdio: "ignore" });
    await expect
      .poll(() => existsSync(near) && existsSync(far), { timeout: patienceMs })
      .toBe(true);
    const reader = await startReaderSimulator({ listen: `serial:${far}`, protocol, field });
    return async () => {
      socat.kill("SIGKILL");
      await once(socat, "exit");
      for (const path of [near, far]) rmSync(path, { force: true });
      await reader.stop();
    };
  };
  let pull = await plugIn();
  const samples: Sample[] = [];
  const { log } = memoryLog();
  const settings = rfid.schema.parse({
    driver: "rfid",
    port: `serial:${near}`,
    protocol,
    presence: { hold: "500ms" },
    devices: { gate: { every: "100ms" } },
  });
  const supervisor = new Supervisor(
    { id: "gate", settings, driver: rfid, points: rfid.describe(settings) },
    {
      context: { clock: systemClock, log },
      health: new HealthBook(["channel-gate"], systemClock, log),
      deliver: (batch) => void samples.push(...batch),
      opened: () => undefined,
    },
  );
  const stop = new AbortController();
  const run = supervisor.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await run;
    await pull();
    folder[Symbol.dispose]();
  });
  return {
    field,
    pull: () => pull(),
    replug: async () => {
      pull = await plugIn();
    },
    until: (point: string, expected: object) =>
      expect
        .poll(() => samples.findLast((sample) => sample.point === point), { timeout: patienceMs })
        .toMatchObject(expected),
  };
}

for (const [protocol, epc, other] of [
  ["r200", "E2801160600002058A3C1F00", "3074257BF7194E4000001A85"],
  ["rdm6300", "100086F444", "0A00ABCDEF"],
] as const) {
  test(`${protocol}: tags come and go over a real serial line, and it heals after it was unplugged`, async (context) => {
    const it = await setUp(context, protocol, epc);
    await it.until("gate/tags", { quality: "good", value: epc });
    it.field.take(epc);
    await it.until("gate/left", { value: epc });
    await it.until("gate/count", { quality: "good", value: 0 });
    it.field.put({ epc: other });
    await it.until("gate/tags", { quality: "good", value: other });
    await it.pull();
    await it.until("gate/tags", { quality: "bad" });
    await it.replug();
    await it.until("gate/tags", { quality: "good", value: other });
  });
}
