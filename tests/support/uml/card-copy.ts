import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";

export interface CardCopy extends Disposable {
  readonly folder: string;
}

/**
 * What stands on a card, taken out of a copy of it: the gateway's own recovery comes first on the card itself. Nothing
 * is mounted: a mount that another process's mount namespace still holds would show what stood on the card before.
 * @throws Error for a file system that is not whole.
 */
export function copyOfCard(image: string): CardCopy {
  const folder = `${image}.${randomUUID()}`;
  const copy = `${folder}.img`;
  try {
    execFileSync("cp", ["--sparse=always", image, copy]);
    // 1: mended, as a boot does it from the journal.
    const { status, stdout } = spawnSync("e2fsck", ["-fp", copy], { encoding: "utf8" });
    if (status === null || status > 1) throw new Error(`e2fsck ${status}: ${stdout}`);
    mkdirSync(folder);
    execFileSync("debugfs", ["-R", `rdump / ${folder}`, copy], { stdio: "pipe" });
  } finally {
    rmSync(copy, { force: true });
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
