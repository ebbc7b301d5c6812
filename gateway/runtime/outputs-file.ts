import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ChannelConfig } from "../../config/schema/config.ts";
import type { Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  type FailSafePlan,
  failSafePlan,
  failSafePlanSchema,
} from "../../drivers/gpio/fail-safe.ts";
import type { GpioChannel } from "../../drivers/gpio/schema.ts";

const fileSchema = z.strictObject({ version: z.literal(1), channels: z.array(failSafePlanSchema) });

/**
 * Where the gateway leaves what the stop step needs. Under systemd that is the runtime folder: memory, writable when
 * the disk is full or read-only, and gone after a reboot, which resets the lines too.
 */
export function outputsFile(
  env: Readonly<Record<string, string | undefined>>,
  dataFolder: string,
): string {
  const { RUNTIME_DIRECTORY } = env;
  return join(RUNTIME_DIRECTORY?.split(":")[0] || dataFolder, "outputs.json");
}

/** Before the first line is driven. A gateway that cannot write it still runs: alarms come first. */
export function writeOutputs(
  path: string,
  channels: Readonly<Record<string, ChannelConfig>>,
  log: Log,
): void {
  const plans = Object.entries(channels).flatMap(([id, channel]) =>
    isGpio(channel) ? [failSafePlan(id, channel)] : [],
  );
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify({ version: 1, channels: plans })}\n`);
    renameSync(`${path}.new`, path);
  } catch (error) {
    log.warn("outputs-file-not-written", { path, error: String(error) });
  }
}

/** A checked configuration's channel has been through its driver's schema. */
function isGpio(channel: object): channel is GpioChannel {
  return "driver" in channel && channel.driver === "gpio";
}

/** Undefined when no gateway has written it: then no output was ever driven. @throws RackwatchError `config/...` */
export function readOutputs(path: string): readonly FailSafePlan[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new RackwatchError("config/unreadable", `${path} cannot be read`, { cause, where: path });
  }
  const parsed = fileSchema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data.channels;
  throw new RackwatchError("config/invalid", `${path} does not say which outputs to drive`, {
    where: path,
    todo: "start the gateway, it writes the file again and drives the outputs itself",
    cause: parsed.error,
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
