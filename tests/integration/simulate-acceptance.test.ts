import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "../../gateway/cli/command.ts";
import { simulateCommand } from "../../gateway/cli/simulate.ts";
import { memoryIo } from "../support/command-io.ts";
import {
  expectedOf,
  filesOf,
  startOf,
  type Timeline,
  type Told,
  timelinesOf,
} from "../support/timelines.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-acceptance-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const transitionsSchema = z.array(
  z.strictObject({
    rule: z.string(),
    at: z.iso.datetime({ precision: 3 }),
    from: z.string(),
    to: z.string(),
    cause: z.string().min(1),
  }),
);

async function simulated(timeline: Timeline) {
  const files = filesOf(timeline);
  writeFileSync(join(folder, "rules.yaml"), files.config);
  writeFileSync(join(folder, "samples.csv"), files.samples);
  writeFileSync(join(folder, "events.csv"), files.events);
  const { io, seen } = memoryIo();
  const args = ["--config", "rules.yaml", "--samples", "samples.csv", "--events", "events.csv"];
  const inFolder = { ...io, cwd: folder };
  await runCommand(simulateCommand(inFolder), [...args, "--json", "--lang", "en"], inFolder);
  const refused = seen.err.split("changes nothing").length - 1;
  expect(refused, seen.err).toBe(timeline.refused ?? refused);
  expect(seen.code, seen.out + seen.err).toBe(0);
  const transitions = transitionsSchema.parse(JSON.parse(seen.out));
  const times = transitions.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  const rules = new Map<string, Told[]>();
  for (const { rule, at, from, to } of transitions) {
    if (timeline.only === "activations" && to !== "UNACK") continue;
    const told = rules.get(rule) ?? [];
    rules.set(rule, [...told, { ms: Date.parse(at) - startOf(timeline), from, to }]);
  }
  return rules;
}

/** Where the paper leaves a millisecond open, the paper's millisecond. */
function within(toleranceMs: number, found: readonly Told[], expected: readonly Told[]) {
  return found.map((told, index) => {
    const ms = expected[index]?.ms ?? told.ms;
    return Math.abs(told.ms - ms) <= toleranceMs ? { ...told, ms } : told;
  });
}

const areas = ["printed", "lifecycle", "shelves", "limits", "delays", "conditions", "schedules"];

for (const area of areas)
  describe(area, () => {
    test.each(timelinesOf(`${area}.yaml`))("$name", async (timeline) => {
      const expected = expectedOf(timeline);
      const found = await simulated(timeline);
      expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
      for (const [rule, told] of expected)
        expect(within(timeline.toleranceMs, found.get(rule) ?? [], told), rule).toEqual(told);
    });
  });
