import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gatewayMetrics } from "../../gateway/metrics-catalogue.ts";
import { Counters, centralMetrics } from "./counters.ts";

test("what a receiver did is told in a bounded number of series", async () => {
  const counters = new Counters();
  let inFlight = "";
  await counters.timed(async () => {
    inFlight = counters.text(true);
  });
  counters.refused("busy");
  counters.refused("busy");
  const out = counters.text(true, new Map([["silent", 2]]));
  expect(inFlight).toContain("rackwatch_central_ingests_in_flight 1\n");
  expect(out).toContain("rackwatch_central_ingests_in_flight 0\n");
  expect(out).toContain("rackwatch_central_ingest_seconds_count 1\n");
  expect(out).toContain('rackwatch_central_refusals_total{code="busy"} 2\n');
  expect(out).toContain('rackwatch_central_gateways{state="silent"} 2\n');
  expect(out).toContain('rackwatch_central_gateways{state="reporting"} 0\n');
  expect(counters.text(false)).toContain("rackwatch_central_database_up 0\n");
  expect(counters.text(false)).not.toContain("rackwatch_central_gateways{");
  await expect(counters.timed(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(counters.text(true)).toContain("rackwatch_central_ingests_in_flight 0\n");
});

test("docs/metrics.md lists every figure of both programs as it is, and none that is not", () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = [
    ...Object.entries(gatewayMetrics).map((it) => ["rackwatch_", it] as const),
    ...Object.entries(centralMetrics).map((it) => ["rackwatch_central_", it] as const),
  ].map(
    ([prefix, [name, [kind, help, labels]]]) =>
      `| \`${prefix}${name}\` | ${kind} | ${labels} | ${help} |`,
  );
  expect(page.split("\n").filter((line) => line.startsWith("| `rackwatch_"))).toEqual(rows);
});
