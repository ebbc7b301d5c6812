import { z } from "zod";
import { RackwatchError } from "../errors.ts";
import type { GpioHost } from "./backend.ts";
import { type GpiodFound, locate, nothingUsable, type SysfsFound } from "./detect.ts";
import { ask, toolFailure } from "./gpiod-tools.ts";
import { failSafeLevels, type LineLevel } from "./plan.ts";
import type { GpioChannel } from "./schema.ts";
import { SimulatedLines } from "./sim.ts";
import { sysfsNumber } from "./sysfs-chips.ts";
import { exportLine, setDirection } from "./sysfs-line.ts";

/** The holders of a killed gateway let go within milliseconds; a line that is busy for longer is somebody else's. */
const busyTimeoutMs = 1_000;
const busyLookMs = 25;

/** What is needed to put a channel's lines right when neither gateway nor configuration is there any more. */
export const failSafePlanSchema = z.strictObject({
  channel: z.string(),
  backend: z.enum(["auto", "gpiod", "sysfs", "sim"]),
  chip: z.string().optional(),
  base: z.int().optional(),
  file: z.string().optional(),
  lines: z.array(
    z.strictObject({ line: z.int().min(0), level: z.union([z.literal(0), z.literal(1)]) }),
  ),
});
export type FailSafePlan = z.infer<typeof failSafePlanSchema>;

export function failSafePlan(
  id: string,
  { backend, chip, base, file, ...channel }: GpioChannel,
): FailSafePlan {
  const lines = [...failSafeLevels({ ...channel, backend })];
  return { channel: id, backend, chip, base, file, lines };
}

export interface FailSafeResult extends LineLevel {
  readonly channel: string;
  /** Absent when the line has its level. */
  readonly error?: RackwatchError;
}

/** Drives every line of a plan to its fail-safe level; a line that refuses keeps no other from being driven. */
export async function driveFailSafe(
  plan: FailSafePlan,
  host: GpioHost,
): Promise<readonly FailSafeResult[]> {
  if (plan.lines.length === 0) return [];
  const drive = await driverOf(plan, host);
  return Promise.all(
    plan.lines.map(async ({ line, level }) => {
      const result = { channel: plan.channel, line, level };
      try {
        await drive({ line, level });
        return result;
      } catch (error) {
        if (error instanceof RackwatchError) return { ...result, error };
        throw error;
      }
    }),
  );
}

type Drive = (wanted: LineLevel) => Promise<void>;

async function driverOf(plan: FailSafePlan, host: GpioHost): Promise<Drive> {
  if (plan.backend === "sim") {
    const lines = new SimulatedLines({ file: plan.file });
    return (wanted) => lines.request([wanted]);
  }
  const found = await locate(plan, host);
  if (!("kind" in found)) return () => Promise.reject(nothingUsable(found));
  return found.kind === "gpiod" ? throughGpiod(found, host) : throughSysfs(found, host);
}

/** Sets the line and lets go of it at once; Raspberry Pi kernels keep the level of a line that was let go. */
function throughGpiod({ generation, chip }: GpiodFound, host: GpioHost): Drive {
  const once = generation === 1 ? ["--mode=exit", chip] : ["--toggle", "0", "--chip", chip];
  return async ({ line, level }) => {
    const until = host.clock.monotonicMs() + busyTimeoutMs;
    for (;;) {
      const { code, stderr } = await ask(host, "gpioset", [...once, `${line}=${level}`]);
      if (code === 0) return;
      const error = toolFailure(stderr, `line ${line} of ${chip}`);
      const tryAgain = error.code === "driver/port-busy" && host.clock.monotonicMs() < until;
      if (!tryAgain) throw error;
      await host.clock.sleep(busyLookMs);
    }
  };
}

function throughSysfs({ chip }: SysfsFound, host: GpioHost): Drive {
  return async ({ line, level }) => {
    const number = sysfsNumber(chip, line);
    await exportLine(host.sysfsFolder, number, host.clock);
    await setDirection(host.sysfsFolder, number, level);
  };
}
