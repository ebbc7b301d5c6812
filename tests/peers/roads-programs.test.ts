import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { mosquitto } from "../support/mosquitto.ts";
import { needPrograms } from "../support/need-program.ts";
import { startProgram } from "../support/program.ts";
import { freePort, scratchFolder } from "../support/spine.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");

test("agent and central as programs speak over a broker with passwords, twice to the same central, and say neither token nor password", async (context) => {
  needPrograms(context, "mosquitto", "mosquitto_passwd");
  using folder = scratchFolder();
  await using broker = await mosquitto(folder.path);
  broker.setPassword("rack", "broker-password-1");
  await broker.start();
  const data = join(folder.path, "central");
  const added = spawnSync(
    process.execPath,
    [rackwatch, "central", "--data", data, "add-gateway", "gw-1", "--json"],
    { encoding: "utf8" },
  );
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(added.stdout));
  const listen = `127.0.0.1:${await freePort()}`;
  const password = "broker-password-1";
  const central = await startProgram(
    [
      ...["central", "--listen", listen, "--data", data],
      ...["--mqtt", `mqtt://rack@127.0.0.1:${broker.port}`],
      ...["--sparkplug-group", "site", "--sparkplug-host", "hq"],
    ],
    { RACKWATCH_MQTT_PASSWORD: password },
    "central listens",
  );
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => central.kill("SIGTERM"));
  const dir = join(folder.path, "gateway");
  using log = numberedLog({ dir, gatewayId: "gw-1", clock: systemClock });
  log.take(1_000, 10);
  const config = join(folder.path, "gateway.yaml");
  const road = `broker: "mqtt://127.0.0.1:${broker.port}", username: rack, password: !secret broker, credentials: !secret central`;
  writeFileSync(
    config,
    `version: 1
gateway: { id: gw-1 }
channels: {}
sync:
  uplinks:
    plain: { via: mqtt, ${road} }
    plant: { via: sparkplug, group: site, host: hq, central: true, ${road} }
`,
  );
  const secrets = { RACKWATCH_SECRET_CENTRAL: token, RACKWATCH_SECRET_BROKER: password };
  const agent = await startProgram(
    ["sync", "--config", config, "--data", dir],
    secrets,
    "broker reached",
  );
  cleanup.defer(() => agent.kill("SIGTERM"));
  const said = async (path: string) =>
    (await fetch(`http://${listen}${path}`).catch(() => undefined))?.text();
  await expect
    .poll(() => said("/metrics"), { timeout: 120_000, interval: 500 })
    .toContain("rackwatch_central_rows_total 1010\n");
  await expect
    .poll(() => agent.lines.some(({ event }) => event === "node is born"), { timeout: 60_000 })
    .toBe(true);
  log.take(200, 1);
  await expect
    .poll(() => said("/metrics"), { timeout: 120_000, interval: 500 })
    .toContain("rackwatch_central_rows_total 1211\n");
  expect(JSON.parse((await said("/healthz")) ?? "")).toEqual({
    ok: true,
    brokers: { mqtt: true, sparkplug: true },
  });
  const told = JSON.stringify([central.lines, agent.lines]);
  for (const secret of [token, password]) expect(told).not.toContain(secret);
}, 400_000);
