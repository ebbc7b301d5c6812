import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where a gateway looks for what its machine is known by; those that are missing here stay so. */
const traits = [
  "/proc/device-tree/serial-number",
  "/sys/firmware/devicetree/base/serial-number",
  "/sys/class/dmi/id/product_uuid",
  "/etc/machine-id",
];

/**
 * Words that a program's command line is put behind to run it on hardware that looks like another one: in a mount namespace
 * of its own, with other texts over the files that say which machine this is. Needs root.
 */
export function onOtherMachine(folder: string): readonly string[] {
  const network = readdirSync("/sys/class/net").map((name) => `/sys/class/net/${name}/address`);
  const binds = [...traits, ...network].filter(existsSync).map((file, number) => {
    const own = join(folder, `trait-${number}`);
    writeFileSync(
      own,
      file.endsWith("address") ? "00:16:3e:00:00:01\n" : `${"4d5e6f70".repeat(4)}\n`,
    );
    return `mount --bind ${own} ${file}`;
  });
  return ["unshare", "--mount", "sh", "-c", [...binds, 'exec "$@"'].join(" && "), "sh"];
}
