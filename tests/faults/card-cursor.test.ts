import { join } from "node:path";
import { expect, test } from "vitest";
import { Progress } from "../../cloud-sync/progress.ts";
import { syncText } from "../../config/language/sync.ts";
import { CursorFile } from "../../gateway/store/cursor-file.ts";
import { lanes } from "../../gateway/store/store.ts";
import { readSyncStatus } from "../../gateway/store/sync-status.ts";
import { fillDisk } from "../support/card/fill-disk.ts";
import { mounted } from "../support/mounted.ts";
import { scratchFolder } from "../support/spine.ts";

/** More epochs than a gateway has in its life. */
const epochs = 200;

test("on a card without a free byte the agent's marks and its problem are written, and the store sees what central has", (context) => {
  using folder = scratchFolder();
  const dir = join(folder.path, "card");
  using _disk = mounted(context, dir, "-t", "tmpfs", "-o", "size=1m", "none");
  using progress = new Progress(dir, syncText.en);
  progress.moveCursor("samples", "epoch-0", 1, 0);
  fillDisk(join(dir, "filler"));
  using cursors = new CursorFile(dir);
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    for (const lane of lanes) progress.moveCursor(lane, `epoch-${epoch}`, epoch * 1_000_000, epoch);
    expect(progress.written).toBe(true);
    expect(cursors.read("samples", `epoch-${epoch}`)).toBe(epoch * 1_000_000);
  }
  const message = "a long problem ".repeat(1_000);
  progress.saveStatus({ problem: { code: "sync/busy", message, since: 1 } });
  expect(readSyncStatus(dir)?.problem?.message).toBe(message);
});
