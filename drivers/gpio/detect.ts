import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, GpioHost, OnLost } from "./backend.ts";
import {
  ask,
  chooseChip,
  headerLabels,
  parseChips,
  parseToolVersion,
  permissionDenied,
} from "./gpiod-tools.ts";
import { GpiodV1 } from "./gpiod-v1.ts";
import { GpiodV2 } from "./gpiod-v2.ts";
import type { GpioChannel } from "./schema.ts";
import { SimulatedLines } from "./sim.ts";
import { loadOnoff, SysfsLines } from "./sysfs.ts";
import { findSysfsChip, readSysfsChips, type SysfsChip } from "./sysfs-chips.ts";

/** What a channel says about where its lines are. */
export type GpioWish = Pick<GpioChannel, "backend" | "chip" | "base" | "file" | "inputsFile">;

/** Why a backend is not usable here. `error` is set where it is there but refuses. */
export interface NotUsable {
  readonly reason: string;
  readonly error?: RackwatchError;
}

export interface GpiodFound {
  readonly kind: "gpiod";
  readonly generation: 1 | 2;
  readonly version: string;
  /** For example `/dev/gpiochip0`. */
  readonly chip: string;
  readonly label: string;
}

export interface SysfsFound {
  readonly kind: "sysfs";
  readonly chip: SysfsChip;
}

/** Which way is there, without touching a line. */
export async function locate(
  wish: GpioWish,
  host: GpioHost,
): Promise<GpiodFound | SysfsFound | readonly NotUsable[]> {
  const reasons: NotUsable[] = [];
  if (wish.backend !== "sysfs") {
    const found = await locateGpiod(wish, host);
    if (!("reason" in found)) return found;
    reasons.push(found);
  }
  if (wish.backend !== "gpiod") {
    const found = await locateSysfs(wish, host);
    if (!("reason" in found)) return found;
    reasons.push(found);
  }
  return reasons;
}

async function locateGpiod(wish: GpioWish, host: GpioHost): Promise<GpiodFound | NotUsable> {
  const asked = await ask(host, "gpioset", ["--version"]);
  const version = parseToolVersion(asked.stdout);
  if (asked.code === undefined) return { reason: "gpiod: gpioset is not installed" };
  if (version === undefined || version.major < 1 || version.major > 2) {
    return { reason: `gpiod: gpioset is of an unknown version (${asked.stdout.split("\n")[0]})` };
  }
  if (version.major === 2) {
    const help = await ask(host, "gpioset", ["--help"]);
    if (!help.stdout.includes("--interactive")) {
      return { reason: `gpiod: gpioset ${version.text} was built without --interactive` };
    }
  }
  const detected = await ask(host, "gpiodetect", []);
  const chip = chooseChip(parseChips(detected.stdout), wish.chip);
  if (chip !== undefined) {
    const { label, name } = chip;
    const generation = version.major === 2 ? 2 : 1;
    return { kind: "gpiod", generation, version: version.text, chip: `/dev/${name}`, label };
  }
  if (/Permission denied|Operation not permitted/.test(detected.stderr)) {
    const error = permissionDenied("the GPIO chip", detected.stderr);
    return { reason: `gpiod: ${detected.stderr}`, error };
  }
  const wanted = wish.chip ?? headerLabels.join(", ");
  const shown = detected.stdout.trim().replaceAll("\n", ", ");
  return { reason: `gpiod: no chip ${wanted} (gpiodetect shows ${shown === "" ? "none" : shown})` };
}

async function locateSysfs(wish: GpioWish, host: GpioHost): Promise<SysfsFound | NotUsable> {
  const chips = await readSysfsChips(host.sysfsFolder);
  if (chips === undefined) return { reason: `sysfs: this kernel has no ${host.sysfsFolder}` };
  const chip = findSysfsChip(chips, { chip: wish.chip, base: wish.base });
  if ("reason" in chip) return { reason: `sysfs: ${chip.reason}` };
  const gate = join(host.sysfsFolder, "export");
  try {
    await access(gate, constants.W_OK);
  } catch {
    const error = permissionDenied(gate, "it is not writable");
    return { reason: `sysfs: ${error.message}`, error };
  }
  return { kind: "sysfs", chip };
}

/** @throws RackwatchError `driver/unavailable` with everything that was looked for, or `driver/permission-denied`. */
export async function openBackend(
  wish: GpioWish,
  host: GpioHost,
  onLost: OnLost,
): Promise<GpioBackend> {
  if (wish.backend === "sim") {
    const { file, inputsFile } = wish;
    return new SimulatedLines({ file, inputsFile, clock: host.clock });
  }
  const found = await locate(wish, host);
  if (!("kind" in found)) throw nothingUsable(found);
  if (found.kind === "gpiod") {
    const name = `gpiod ${found.version} on ${found.chip} (${found.label})`;
    const generation = found.generation === 2 ? GpiodV2 : GpiodV1;
    return new generation(name, found.chip, host, onLost);
  }
  const onoff = await loadOnoff();
  if ("reason" in onoff) throw nothingUsable([{ reason: `sysfs: ${onoff.reason}` }]);
  return new SysfsLines(found.chip, onoff, host, onLost);
}

/** A backend that is there but refuses is the one to repair; else everything that was looked for is listed. */
export function nothingUsable(reasons: readonly NotUsable[]): RackwatchError {
  const refused = reasons.find(({ error }) => error !== undefined)?.error;
  if (refused !== undefined) return refused;
  const list = reasons.map(({ reason }) => reason).join("; ");
  return new RackwatchError("driver/unavailable", `no way to drive GPIO lines here: ${list}`, {
    where: "gpio",
    todo: "on Raspberry Pi OS: apt install gpiod; name the chip with `chip:`; without hardware: backend: sim",
  });
}
