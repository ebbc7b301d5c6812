import { expect, onTestFinished, type TestContext } from "vitest";
import { receiverSchema, smsSchema } from "../../config/schema/notify.ts";
import type { Clock } from "../../drivers/contract.ts";
import { Secret } from "../../drivers/secret.ts";
import { listen } from "../../drivers/simulation/listen.ts";
import type { Problem } from "../../gateway/health/health.ts";
import type { Delivery, Push } from "../../gateway/push/push.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { SmsLine } from "../../gateway/sms/sms-line.ts";
import { memoryLog } from "./manual-clock.ts";
import { serialCable } from "./serial-cable.ts";
import { type ModemManners, ScriptedModem } from "./sms-modem.ts";

export const patience = { timeout: 60_000 };
export const guard = "+8613800138000";
export const short = "二号冷库 库温 8.6℃ 高于 8.0℃";

/** Minutes of a modem's patience in seconds. */
export const hurried: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => 20 * performance.now(),
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

export function push(id: string, address = 0): Push {
  return {
    version: 1,
    id,
    receiver: "night",
    channel: "sms",
    address,
    kind: "raised",
    priority: "critical",
    language: "zh",
    short: `${short} ${id}`,
    title: "",
    text: "",
    fields: {},
    createdAt: 0,
    ttlMs: 86_400_000,
  };
}

/** A push queue, the modem's line, and a scripted modem at the other end of a serial cable. */
export async function smsRig(context: TestContext, manners: Partial<ModemManners> = {}) {
  const cable = await serialCable(context);
  const modem = new ScriptedModem(manners);
  const serial = { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const plug = () => listen(cable.far, modem, { serial });
  let device = await plug();
  const queue: Push[] = [];
  const deliveries = new Map<string, Delivery>();
  const problems: (Problem | undefined)[] = [];
  const marks: { kept: unknown } = { kept: undefined };

  const start = (clock: Clock, pin?: string) => {
    const stop = new AbortController();
    const line = new SmsLine({
      config: {
        ...smsSchema.parse({ port: cable.near }),
        ...(pin === undefined ? {} : { pin: new Secret(pin) }),
      },
      receivers: { night: receiverSchema.parse({ sms: [guard, "+8613900139000"] }) },
      language: "en",
      digestEveryMs: 300_000,
      clock,
      log: memoryLog().log,
      health: { report: (_, problem) => problems.push(problem) },
      waiting: () => queue,
      report: (changes) => {
        for (const change of changes) deliveries.set(change.id, change);
      },
      pinMark: {
        read: () => marks.kept,
        write: (mark) => {
          marks.kept = mark;
        },
      },
    });
    const running = line.run(stop.signal);
    const end = async () => {
      stop.abort();
      await running;
    };
    onTestFinished(end);
    return { line, end };
  };
  onTestFinished(() => device.stop());
  const delivered = (id: string) =>
    expect.poll(() => deliveries.get(id)?.state, patience).toBe("delivered");
  return {
    ...{ cable, modem, queue, deliveries, problems, marks, start, delivered },
    pull: async () => {
      await cable.pull();
      await device.stop();
    },
    replug: async () => {
      await cable.replug();
      device = await plug();
    },
  };
}
