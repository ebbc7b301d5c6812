import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { bytesWritten, wornGateway } from "../support/card/worn-gateway.ts";
import { mounted } from "../support/mounted.ts";
import { needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { scratchFolder } from "../support/spine.ts";

/** `RACKWATCH_WEAR_HOURS=24` for a day. */
const hours = Number(process.env["RACKWATCH_WEAR_HOURS"] ?? 1);

const hourMs = 3_600_000;

/** What a card of the usual kind stands for years (docs/decisions/0089-power-and-cards.md). */
const bytesPerSampleMax = 100;

beforeEach((context) => {
  needPrograms(context, "mkfs.ext4", "findmnt");
  needRoot(context);
});

test("a sample of 200 points every 10 s costs the card no more bytes than it may", async (context) => {
  using scratch = scratchFolder();
  const image = join(scratch.path, "card.img");
  execFileSync("truncate", ["--size", "512M", image]);
  execFileSync("mkfs.ext4", ["-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]);
  const folder = join(scratch.path, "card");
  using _card = mounted(context, folder, "-o", "loop,noatime", image);
  const dir = join(folder, "data");
  mkdirSync(dir);
  using gateway = wornGateway(dir);
  await gateway.run(60_000);
  const before = bytesWritten(folder);
  const samples = await gateway.run(hours * hourMs);
  const bytesPerSample = (bytesWritten(folder) - before) / samples;
  console.log(`${bytesPerSample.toFixed(1)} bytes a sample over ${hours} h (${samples} samples)`);
  expect(samples).toBeGreaterThanOrEqual(hours * 72_000);
  expect(bytesPerSample).toBeGreaterThan(1);
  expect(bytesPerSample).toBeLessThan(bytesPerSampleMax);
});
