import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { runSync } from "../../../cloud-sync/main.ts";
import type { Clock } from "../../../drivers/contract.ts";
import { Secret } from "../../../drivers/secret.ts";
import { createLog } from "../../../gateway/runtime/log.ts";
import { stopSignal } from "../../../gateway/runtime/stop.ts";

/**
 * `rackwatch sync` whose waits pass `speed` times as fast, and whose requests have a deadline of their own: a back-off of
 * five minutes is seen within seconds. Its argument is a JSON file.
 */
const order = z
  .object({
    gatewayId: z.string(),
    dataDir: z.string(),
    central: z.string(),
    token: z.string(),
    caFile: z.string().optional(),
    proxy: z.string().optional(),
    speed: z.number(),
    deadlineMs: z.number(),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));

const { speed } = order;
const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => (Number(process.hrtime.bigint()) / 1e6) * speed,
  sleep: (ms, signal) => sleep(ms / speed, undefined, signal === undefined ? {} : { signal }),
};
const { central, caFile, proxy } = order;
await runSync(
  {
    gatewayId: order.gatewayId,
    language: "en",
    sync: {
      central,
      credentials: new Secret(order.token),
      ...(caFile === undefined ? {} : { caFile }),
      ...(proxy === undefined ? {} : { proxy }),
      uplinks: {},
      goneFor: 3_600_000,
    },
    push: { notify: {} },
    boot: "boot-1",
    env: process.env,
    dataDir: order.dataDir,
    clock,
    log: createLog(process.env),
    deadlineMs: order.deadlineMs,
  },
  stopSignal(),
);
