import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { SimulatedLoad } from "../../drivers/scale/simulated-scale.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { weighCommand } from "../../gateway/cli/weigh.ts";
import { memoryIo } from "../support/command-io.ts";
import { language } from "./scale-rig.ts";

/** What a technician does when the command speaks for the n-th time; "leave": walks away. */
type Deed = Partial<SimulatedLoad> | "leave";

/** A configuration with one shelf on a simulated scale, and somebody who follows the prompts. */
async function technician(deeds: readonly Deed[], ...args: readonly string[]) {
  const simulator = await startScaleSimulator({ protocol: language("mt-sics") });
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-weigh-"));
  onTestFinished(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "gateway.yaml");
  writeFileSync(
    file,
    `version: 1
gateway: { id: a, name: a, timezone: UTC }
channels:
  rack:
    driver: scale
    port: ${simulator.address}
    protocol: mt-sics
    devices: { s1: { every: 100ms } }
locations:
  shelf-a1: { kind: shelf, weight: s1/weight }
  room: { kind: room }
stock: { settle: 400ms }
`,
  );
  const { io, seen } = memoryIo();
  const stdin = new PassThrough();
  const left = [...deeds];
  const act = () => {
    const deed = left.shift();
    if (deed === undefined || deed === "leave") return void stdin.end();
    simulator.scale.set(deed);
    stdin.write("\n");
  };
  const stdout = {
    write: (text: string) => {
      seen.out += text;
      if (/"event":"(prompt|refused)"/.test(text)) act();
    },
  };
  const { signal } = new AbortController();
  const words = ["calibrate", "--config", file, "--item", "ins-1", "--json", "--wait", "5"];
  const location = args.includes("--location") ? [] : ["--location", "shelf-a1"];
  await runCommand(
    weighCommand({ ...io, stdout, stdin, signal }),
    [...words, ...location, ...args],
    io,
  );
  const said = seen.out.split("\n").filter((line) => line !== "");
  const events = said.map((line) => JSON.parse(line));
  return { ...seen, events, refused: events.flatMap((it) => it.reason ?? []) };
}

test("tare, weight of a piece and its spread come from the scale itself, as lines to paste", async () => {
  const { events, code, err } = await technician([
    { weight: 1.25 },
    { weight: 1.25 + 0.842 },
    { weight: 1.25 + 0.842 + 0.846 },
    { weight: 1.25 + 0.842 + 0.846 + 0.838 },
  ]);
  expect({ err, code }).toEqual({ err: "", code: 0 });
  const result = events.at(-1);
  expect(result).toMatchObject({ event: "result", tareKg: 1.25, sampledPieces: 30 });
  expect(result.unitWeightKg).toBeCloseTo(0.0842, 9);
  expect(result.unitWeightSpread).toBeCloseTo(0.015, 2);
  expect(result.exactUpTo).toBeGreaterThan(50);
  expect(result.yaml).toMatch(/tare: 1250 g\n.*\n {2}"ins-1":\n {4}unitWeight: 84\.20+ g\n/);
});

test("it refuses while it does not rest, without a change, in overload and below zero, and goes on", async () => {
  const { refused, code } = await technician(
    [
      { weight: -0.3 },
      { weight: 0.5, moving: true },
      { moving: false },
      {},
      { status: "overload" },
      { status: "ok", weight: 1.342 },
    ],
    ...["--repeat", "1", "--wait", "3"],
  );
  expect(refused).toEqual(["negative", "unstable", "no-change", "overload"]);
  expect(code).toBe(0);
});

test("a piece under 5 divisions is refused with the first sample", async () => {
  const { events, code } = await technician([{ weight: 0.5 }, { weight: 0.53 }]);
  expect(code).toBe(1);
  expect(events.at(-1)).toMatchObject({ event: "refused", reason: "too-light" });
});

test("whoever leaves ends it without a result", async () => {
  const { events, code } = await technician([{ weight: 0.5 }, "leave"]);
  expect(code).toBe(1);
  expect(events.some(({ event }) => event === "result")).toBe(false);
});

test("a location that is not there, or has no scale, is named", async () => {
  expect(await technician([], "--location", "shelf-a2")).toMatchObject({
    code: 2,
    err: expect.stringContaining("shelf-a1"),
  });
  const room = await technician([], "--location", "room");
  expect(room.err).toContain("has no scale");
  expect((await technician([], "--pieces", "0")).err).toContain("--pieces");
});
