import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a machine can be known by, the most certain first. */
export const machineTraits = ["serial", "board", "network", "system"] as const;
type MachineTrait = (typeof machineTraits)[number];

/**
 * A machine by what is soldered to it, each trait hashed: 32 hex digits of a SHA-256. Which can be read depends on who
 * asks (`product_uuid` is root's alone), so marks are compared by the most certain trait that both have.
 */
export type MachineMark = Readonly<Partial<Record<MachineTrait, string>>>;

/** What makers leave in a serial number or UUID that they never wrote. */
const unwritten =
  /^(0|f|x|-|\.|\s)*$|default|o\.?e\.?m\.?|not |none|unknown|system serial|^03000200-0400-0500|^0?1234567/i;

/**
 * @param root stands before all paths; a test gives a folder of its own.
 * @returns what could be read; nothing is no error.
 */
export function machineMark(root = "/"): MachineMark {
  const serial =
    textOf(join(root, "proc/device-tree/serial-number")) ??
    textOf(join(root, "sys/firmware/devicetree/base/serial-number"));
  const found: Readonly<Record<MachineTrait, string | undefined>> = {
    serial,
    board: textOf(join(root, "sys/class/dmi/id/product_uuid")),
    network: firstAddress(join(root, "sys/class/net")),
    system: textOf(join(root, "etc/machine-id")),
  };
  return Object.fromEntries(
    machineTraits.flatMap((trait) => {
      const text = found[trait];
      return text === undefined ? [] : [[trait, digest(trait, text)]];
    }),
  );
}

/** Undefined: nothing that both have says so, and then it counts as the same one. */
export function isOtherMachine(known: MachineMark, now: MachineMark): boolean | undefined {
  const trait = machineTraits.find((it) => known[it] !== undefined && now[it] !== undefined);
  return trait === undefined ? undefined : known[trait] !== now[trait];
}

/** The machine in one word; undefined when nothing is known of it. */
export function machineText(mark: MachineMark): string | undefined {
  const trait = machineTraits.find((it) => mark[it] !== undefined);
  return trait === undefined ? undefined : `${trait}-${mark[trait]}`;
}

function digest(trait: MachineTrait, text: string): string {
  return createHash("sha256").update(`${trait} ${text.toLowerCase()}`).digest("hex").slice(0, 32);
}

function textOf(file: string): string | undefined {
  try {
    // A device tree ends its texts with a NUL.
    const text = readFileSync(file, "utf8").replaceAll("\0", "").trim();
    return text === "" || unwritten.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The address of the first interface with hardware behind it that its maker gave it, and nobody made up. */
function firstAddress(folder: string): string | undefined {
  let names: string[] = [];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return undefined;
  }
  for (const name of names) {
    if (!existsSync(join(folder, name, "device"))) continue;
    const address = textOf(join(folder, name, "address"));
    if (address !== undefined && !isLocal(address)) return address;
  }
  return undefined;
}

/** IEEE 802: the second lowest bit of the first byte says that the address was assigned on the spot. */
function isLocal(address: string): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 2) !== 0;
}
