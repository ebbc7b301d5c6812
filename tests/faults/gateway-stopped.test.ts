import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { needRoot } from "../support/need-root.ts";
import { scratchFolder } from "../support/spine.ts";

const reader = new URL("../support/outbox-reader.ts", import.meta.url).pathname;

/** A user that exists nowhere and owns nothing. */
const agent = { uid: 61_002, gid: 61_002 };

test("an agent of another user waits calmly for a gateway that was stopped, and reads on when it runs", (context) => {
  needRoot(context);
  using folder = scratchFolder();
  chmodSync(folder.path, 0o755);
  const open = () =>
    openStore({
      dir: folder.path,
      gatewayId: "gw-1",
      clock: new ManualClock(),
      log: memoryLog().log,
      limits: { ballastBytes: 0 },
    }).store;
  const look = (): Record<string, unknown> => {
    const child = spawnSync(process.execPath, [reader, folder.path], {
      encoding: "utf8",
      ...agent,
    });
    expect(child.stderr).toBe("");
    return JSON.parse(child.stdout);
  };
  const first = open();
  const { epoch } = first.outbox;
  expect(look()).toEqual({ epoch, head: 0 });
  first[Symbol.dispose]();
  expect(look()).toMatchObject({
    code: "store/io",
    message: expect.stringContaining("the gateway is stopped"),
    where: join(folder.path, "gateway.db"),
    todo: expect.stringContaining("Start the gateway"),
  });
  using again = open();
  expect(look()).toEqual({ epoch: again.outbox.epoch, head: 0 });
});
