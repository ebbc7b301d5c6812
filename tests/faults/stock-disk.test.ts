import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mounted } from "../support/mounted.ts";
import { ShelfSite } from "../support/shelf-site.ts";
import { eventually } from "../support/spine.ts";

/** Writes until not one byte more is taken. */
function fill(file: string): void {
  const handle = openSync(file, "a");
  for (let size = 65_536; size >= 1; ) {
    try {
      writeSync(handle, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(handle);
}

test("a disk that fills up while a shelf is picked from: the warning lights its lamp, bookings are refused, and all picks land", async (context) => {
  await using site = await ShelfSite.open({ shelves: 1 });
  const { dataDir } = site.rig;
  using _disk = mounted(context, dataDir, "-t", "tmpfs", "-o", "size=8m", "none");
  await site.handle(1, 40, 0);
  await site.begin();
  await site.settled(1);
  const filler = join(dataDir, "filler");
  fill(filler);
  const refilling = setInterval(() => fill(filler), 20);
  try {
    await site.notice("store");
    for (const pieces of [-20, -10, -7]) {
      await site.handle(1, pieces);
      await site.settled(1);
    }
    await site.alarm(({ item, state }) => item === "i1" && state === "unacknowledged");
    await eventually(
      () => site.lamp(),
      (level) => level === 1,
    );
    const booking = { kind: "receipt", item: "i1", location: "s1", quantity: 1 } as const;
    expect(await site.tryBook(booking)).toMatchObject({ status: 503 });
  } finally {
    clearInterval(refilling);
  }
  rmSync(filler);
  await eventually(
    () => site.get<readonly { part: string }[]>("/api/notices"),
    (all) => all.every(({ part }) => part !== "store"),
    60_000,
  );
  const picks = await site.movements("&kind=pick");
  expect(picks.map(({ quantity }) => quantity)).toEqual([-20, -10, -7]);
  expect(await site.stock(1)).toMatchObject({ quantity: 3 });
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: true, differences: [] });
});
