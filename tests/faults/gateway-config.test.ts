import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coldRoom } from "../support/cold-room.ts";
import { eventually } from "../support/spine.ts";

test.concurrent.each([
  ["turned into binary", () => randomBytes(4_096)],
  ["grew to 10 MB", () => Buffer.alloc(10_000_000, "a: [b, c, d]\n")],
  ["was emptied", () => Buffer.alloc(0)],
])(
  "a configuration that %s between two starts: the last good one runs, and it is an alarm",
  async (_, broken) => {
    await using room = await coldRoom();
    const { configFile } = room.rig;
    const before = await room.start();
    await room.live();
    await before.kill("SIGTERM");
    writeFileSync(configFile, broken());
    const startedAt = performance.now();
    const gateway = await room.start();
    await room.live();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    const notice = await room.notice("config");
    expect(notice).toMatchObject({
      code: expect.stringMatching(/^config\//),
      message: expect.stringContaining(configFile),
      where: expect.stringContaining(configFile),
      todo: expect.stringContaining(configFile),
    });
    expect(JSON.stringify(notice).length).toBeLessThan(2_000);
    await room.alarm("gateway:config");
    room.setTemperature(9.1);
    await room.alarm("warm");
    await eventually(room.lamp, (level) => level === 1);
    const told = gateway.lines.filter(
      ({ event, part }) => event === "problem" && part === "config",
    );
    expect(told).toHaveLength(1);
  },
);
