import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { lineBusy, permissionDenied } from "./gpiod-tools.ts";
import type { Level } from "./plan.ts";

/** udev gives the files of a fresh line to the group gpio after a moment; onoff would wait for that in a busy loop. */
const grantTimeoutMs = 2_000;
const grantLookMs = 10;

/**
 * Makes the folder of a line exist and be writable. A line that is exported already (by this program before it was
 * killed, or by a boot script) is taken over as it is.
 */
export async function exportLine(folder: string, number: number, clock: Clock): Promise<void> {
  const line = join(folder, `gpio${number}`);
  if (!(await exists(line))) {
    try {
      await writeFile(join(folder, "export"), String(number));
    } catch (cause) {
      if (!(await exists(line))) throw sysfsError(cause, line);
    }
  }
  const until = clock.monotonicMs() + grantTimeoutMs;
  for (;;) {
    const refused = await firstRefused(line);
    if (refused === undefined) return;
    if (clock.monotonicMs() >= until) throw sysfsError(refused, line);
    await clock.sleep(grantLookMs);
  }
}

/** Makes an exported line an output at that level in one step: "out" alone would pull it to 0 first. */
export async function setDirection(folder: string, number: number, level: Level): Promise<void> {
  const line = join(folder, `gpio${number}`);
  try {
    await writeFile(join(line, "direction"), level === 1 ? "high" : "low");
  } catch (cause) {
    throw sysfsError(cause, line);
  }
}

/** Codes as the kernel gives them for /sys/class/gpio (Documentation/admin-guide/gpio/sysfs.rst). */
export function sysfsError(cause: unknown, where: string): RackwatchError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EBUSY") return lineBusy(where, "EBUSY");
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return permissionDenied(where, code);
  }
  if (code === "ENOENT" || code === "ENODEV") {
    return new RackwatchError("driver/connection-lost", `${where} is gone`, { cause, where });
  }
  return new RackwatchError("driver/refused", `${where} cannot be driven: ${String(code)}`, {
    cause,
    where,
    todo: "check the number of the line; it counts from the chip's base",
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function firstRefused(line: string): Promise<unknown> {
  for (const file of ["direction", "value", "active_low"]) {
    try {
      await access(join(line, file), constants.R_OK | constants.W_OK);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}
