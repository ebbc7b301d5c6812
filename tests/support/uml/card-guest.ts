import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Guest } from "./guest.ts";

const init = fileURLToPath(new URL("init.sh", import.meta.url));

/** Enough for one Node. */
const memory = "384M";

export interface CardGuestOptions {
  /** The guest's card: an ext4 image, see `makeCard`. */
  readonly image: string;
  /** The guest's only program; its card is `/mnt/data`. */
  readonly program: string;
  /** Kept by the host from one boot to the next. */
  readonly compileCache: string;
  /** A cable of the host, and the guest's own address on it: `198.18.0.2/29`. */
  readonly network?: { readonly tap: string; readonly address: string };
  readonly env?: Readonly<Record<string, string>>;
}

/** A guest that runs one program of Node on a card. It ends at once when it cannot have the card. */
export function cardGuest(options: CardGuestOptions): Guest {
  const { image, program, compileCache, network, env = {} } = options;
  return new Guest({
    ...{ init, memory },
    devices: [`ubd0=${image}`, ...(network === undefined ? [] : [`eth0=tuntap,${network.tap}`])],
    env: {
      GUEST_NODE: process.execPath,
      GUEST_PROGRAM: program,
      NODE_COMPILE_CACHE: compileCache,
      ...(network === undefined ? {} : { GUEST_ADDRESS: network.address }),
      ...env,
    },
  });
}

/**
 * A card: an ext4 file system in a file that takes up only what is written to it.
 * @param from a folder whose content stands on it; absent: it is empty.
 */
export function makeCard(file: string, bytes: number, from?: string): void {
  writeFileSync(file, "");
  truncateSync(file, bytes);
  execFileSync("mkfs.ext4", ["-q", "-F", ...(from === undefined ? [] : ["-d", from]), file]);
}
