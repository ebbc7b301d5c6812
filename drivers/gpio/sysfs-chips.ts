import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RackwatchError } from "../errors.ts";
import { chooseChip, headerLabels } from "./gpiod-tools.ts";

/** One `gpiochipN` folder of /sys/class/gpio; N is its base, not the number of /dev/gpiochipN. */
export interface SysfsChip {
  readonly name: string;
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

/** Undefined when this kernel has no /sys/class/gpio. */
export async function readSysfsChips(folder: string): Promise<readonly SysfsChip[] | undefined> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch {
    return undefined;
  }
  const chips = names.filter((name) => name.startsWith("gpiochip")).sort();
  return Promise.all(chips.map((name) => readChip(folder, name)));
}

async function readChip(folder: string, name: string): Promise<SysfsChip> {
  const read = async (file: string) => (await readFile(join(folder, name, file), "utf8")).trim();
  const [label, base, lines] = await Promise.all([read("label"), read("base"), read("ngpio")]);
  return { name, label, base: Number(base), lines: Number(lines) };
}

export interface SysfsWish {
  readonly chip: string | undefined;
  readonly base: number | undefined;
}

/**
 * The chip whose base is to be added to a line's number. The base is 0 on old kernels, 512 and more since 6.6, 569 or
 * 571 on a Raspberry Pi 5, so it is looked up by the chip's label; a `base` in the configuration wins over that.
 */
export function findSysfsChip(
  chips: readonly SysfsChip[],
  wish: SysfsWish,
): SysfsChip | { readonly reason: string } {
  if (wish.base !== undefined) {
    const given = chips.find((chip) => chip.base === wish.base);
    return given ?? { reason: `no chip begins at line ${wish.base} (there is ${listed(chips)})` };
  }
  if (wish.chip?.startsWith("/dev/") === true) {
    return {
      reason: `sysfs knows chips by label, not as ${wish.chip} (there is ${listed(chips)})`,
    };
  }
  const wanted = wish.chip ?? headerLabels.join(", ");
  return (
    chooseChip(chips, wish.chip) ?? { reason: `no chip ${wanted} (there is ${listed(chips)})` }
  );
}

function listed(chips: readonly SysfsChip[]): string {
  if (chips.length === 0) return "none";
  return chips.map(({ label, base }) => `${label} at ${base}`).join(", ");
}

/** @throws RackwatchError `driver/refused` when the chip has no such line. */
export function sysfsNumber(chip: SysfsChip, line: number): number {
  if (line < chip.lines) return chip.base + line;
  const where = `line ${line} of ${chip.label}`;
  throw new RackwatchError("driver/refused", `${where} does not exist, it has ${chip.lines}`, {
    where,
    todo: "use the BCM number of the pin, which is not its place on the header",
  });
}
