import { expect, test } from "vitest";
import { loadText } from "../config/load.ts";
import type { Config } from "../config/schema/config.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { RunningConfigSwitch, reasonProblemsMax } from "./config-switch.ts";
import { HealthBook } from "./health/health-book.ts";

const text = (id: string, name = "") =>
  `version: 1\ngateway: { id: ${id}, name: "${name}" }\nchannels: {}\n`;

function loadOf(yaml: string) {
  return loadText(yaml, "gateway.yaml", { env: {} });
}

function configOf(yaml: string): Config {
  const loaded = loadOf(yaml);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

function world() {
  const { log, entries } = memoryLog();
  const health = new HealthBook(["config"], new ManualClock(), log);
  const it = {
    ...{ health, entries, file: text("a", "first"), config: configOf(text("a")) },
    kept: 0,
    /** Names in the order in which they were gone over to. */
    gone: [] as (string | undefined)[],
    go: (_config: Config): Promise<void> => Promise.resolve(),
  };
  const configSwitch = new RunningConfigSwitch({
    ...{ log, health },
    config: () => it.config,
    load: () => loadOf(it.file),
    keep: () => {
      it.kept += 1;
      return {};
    },
    go: async (config) => {
      await it.go(config);
      it.config = config;
      it.gone.push(config.gateway.name);
    },
  });
  return { it, configSwitch };
}

test("what cannot be built leaves the old one, says why, and is not kept for the next start", async () => {
  const { it, configSwitch } = world();
  it.go = () => Promise.reject(new Error("no conversion from Cel to kg"));
  expect(await configSwitch.to()).toEqual({ ok: false, reason: "no conversion from Cel to kg" });
  expect([it.config.gateway.name, it.kept]).toEqual(["", 0]);
  expect(it.health.notices()[0]).toMatchObject({ part: "config", code: "config/invalid" });
  it.go = () => Promise.resolve();
  expect(await configSwitch.to()).toEqual({ ok: true });
  expect([it.config.gateway.name, it.kept, it.health.notices()]).toEqual(["first", 1, []]);
});

test("a file with errors is refused with what `check` prints, and no more of it than a person reads", async () => {
  const { it, configSwitch } = world();
  const rules = Array.from(
    { length: 3 * reasonProblemsMax },
    (_, n) => `  r${n}: { point: no/such, above: 1 }`,
  );
  it.file = `${text("a")}rules:\n${rules.join("\n")}\n`;
  const switched = await configSwitch.to();
  if (switched.ok) throw new Error("it was taken");
  expect(switched.reason.match(/no\/such/g)?.length).toBeGreaterThanOrEqual(reasonProblemsMax);
  expect(switched.reason.match(/rules\.r\d+/g)?.length).toBeLessThanOrEqual(2 * reasonProblemsMax);
  expect(it.gone).toEqual([]);
});

test("a gateway does not become another one while it runs", async () => {
  const { it, configSwitch } = world();
  it.file = text("b");
  expect(await configSwitch.to()).toMatchObject({
    ok: false,
    reason: expect.stringContaining("b"),
  });
  expect(it.gone).toEqual([]);
});

test("a file that says what runs already changes nothing", async () => {
  const { it, configSwitch } = world();
  it.file = `# a comment\n${text("a")}`;
  expect(await configSwitch.to()).toEqual({ ok: true });
  expect([it.gone, it.kept]).toEqual([[], 1]);
});

test("switches follow one another, and of those that wait one is enough: it reads the last file", async () => {
  const { it, configSwitch } = world();
  const under = Promise.withResolvers<void>();
  it.go = () => under.promise;
  const first = configSwitch.to();
  await expect.poll(() => it.file).toBe(text("a", "first"));
  it.file = text("a", "second");
  const waiting = [configSwitch.to(), configSwitch.to()];
  it.file = text("a", "third");
  under.resolve();
  expect(await Promise.all([first, ...waiting])).toEqual([
    { ok: true },
    { ok: true },
    { ok: true },
  ]);
  expect(it.gone).toEqual(["first", "third"]);
});
