import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import type { Driver, DriverContext, PointDescription, Sample } from "../../drivers/contract.ts";
import type { Faults, Simulator } from "../../drivers/simulation/listen.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type ContractRunner, isLoss, isOperating, runDriver } from "./contract-runner.ts";
import { memoryLog } from "./manual-clock.ts";

export type ContractFault = "silent" | "garbage" | "halfFrames";

/** A channel and the far end of its wire. */
export interface ContractRig {
  /** The channel as it stands in YAML, `driver:` included. Short periods and timeouts keep the tests quick. */
  readonly channel: Readonly<Record<string, unknown>>;
  /** In place of the faults before; `{}` makes the device well again. */
  setFaults(faults: Pick<Faults, ContractFault>): void | Promise<void>;
  /** Breaks every connection, as by pulling the plug; the device may be reached again at once. */
  unplug(): void | Promise<void>;
  /** Ends the device for good. */
  stop(): Promise<void>;
}

export interface WrongConfig {
  /** A whole configuration file. */
  readonly yaml: string;
  /** Where the problem is reported, from 1. */
  readonly line: number;
  readonly column: number;
  /** Of the problem, or of the driver's own check: `schema/unknown-key`, `modbus/type-missing`. */
  readonly code: string;
}

export interface DriverContract {
  readonly name: string;
  readonly driver: Driver;
  readonly simulate: () => Promise<ContractRig>;
  readonly wrongConfigs: readonly WrongConfig[];
  /** Faults that the simulated device can have; all three unless told. */
  readonly faults?: readonly ContractFault[];
  /** Faults on which the driver may end the session with `driver/connection-lost` in place of bad samples. */
  readonly mayEndOn?: readonly ContractFault[];
  /** Faults that leave values right: a framer finds the frame behind the garbage. Nothing bad is waited for. */
  readonly unharmedBy?: readonly ContractFault[];
  /** Points that are described and come only now and then, or not from the simulator. */
  readonly seldom?: readonly string[];
  /** Whether a good sample is what the simulated device has measured; nothing else may come out of any fault. */
  readonly isTrue?: (sample: Sample) => boolean;
  /** What the driver needs besides clock, log and an empty `dataDir`. */
  readonly context?: Partial<DriverContext>;
  /** Longest time for anything to happen; 15 s unless told. A healthy machine needs a tenth. */
  readonly patienceMs?: number;
}

/** A session must be closed within this time, whatever it is waiting for. */
const closeMsMax = 1_000;

/** Attempts to close in time, since other programs may hold up a small machine. */
const closeAttempts = 3;

/** For simulators made with `listen`. */
export function contractRig(
  simulator: Simulator,
  channel: Readonly<Record<string, unknown>>,
): ContractRig {
  return {
    channel,
    setFaults: (faults) => simulator.setFaults(faults),
    unplug: () => simulator.cut(),
    stop: () => simulator.stop(),
  };
}

/** What every driver must show, as tests of the file `tests/integration/contract-<driver>.test.ts` that calls this. */
export function driverContract(contract: DriverContract): void {
  const { name, faults = ["silent", "garbage", "halfFrames"], patienceMs = 60_000 } = contract;
  const limit = { timeout: 6 * patienceMs };

  test(`${name}: opens, and delivers all that it describes and nothing else`, limit, async () => {
    const { runner, points } = await start(contract);
    const seldom = new Set(contract.seldom);
    const awaited = points.filter(({ access, key }) => access !== "write" && !seldom.has(key));
    expect(awaited).not.toEqual([]);
    await runner.until(
      ({ samples }) => awaited.every(({ key }) => samples.some((it) => it.point === key)),
      patienceMs,
    );
    await runner.until(({ samples }) => samples.some(isGood), patienceMs);
    expect(runner.ends).toEqual([]);
    expect(faultsOf(runner.samples, points, contract)).toEqual([]);
  });

  for (const fault of faults)
    test(`${name}: survives ${fault}, and comes back when it ends`, limit, () =>
      survives(contract, fault, patienceMs),
    );

  test(
    `${name}: unplugging ends samples() with driver/connection-lost, then it heals`,
    limit,
    async () => {
      const { runner, rig } = await start(contract);
      await runner.until(({ samples }) => samples.some(isGood), patienceMs);
      runner.forget();
      await rig.unplug();
      await runner.until(({ ends }) => ends.length > 0, patienceMs);
      expect(runner.ends[0]).toMatchObject({ code: "driver/connection-lost" });
      await healed(runner, patienceMs);
      expect(runner.ends.filter((end) => !isOperating(end))).toEqual([]);
    },
  );

  test(
    `${name}: closes within ${closeMsMax} ms, also in the middle of a read, and twice`,
    limit,
    () => closes(contract, patienceMs),
  );

  test(`${name}: leaves no handle, timer or listener behind`, limit, () =>
    leavesNothing(contract, patienceMs),
  );

  for (const { yaml, code, line, column } of contract.wrongConfigs)
    test(`${name}: ${code} is shown in line ${line}, column ${column}`, () => {
      expect(problemsOf(yaml, contract.driver)).toContainEqual({ code, line, column });
    });
}

async function start(contract: DriverContract) {
  const { rig, channel, context } = await prepare(contract);
  const runner = runDriver(contract.driver, channel, context);
  onTestFinished(() => runner[Symbol.asyncDispose]());
  return { rig, runner, points: contract.driver.describe(channel) };
}

async function prepare(contract: DriverContract) {
  const rig = await contract.simulate();
  const dataDir = mkdtempSync(join(tmpdir(), "contract-"));
  // Called in the reverse order of their registration: what uses the rig ends before it.
  onTestFinished(async () => {
    await rig.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const channel = contract.driver.schema.parse(rig.channel);
  const context = { clock: systemClock, log: memoryLog().log, dataDir, ...contract.context };
  return { rig, channel, context };
}

async function survives(contract: DriverContract, fault: ContractFault, patienceMs: number) {
  const { rig, runner, points } = await start(contract);
  await runner.until(({ samples }) => samples.some(isGood), patienceMs);
  const mayEnd = contract.mayEndOn?.includes(fault) === true;
  await rig.setFaults({ [fault]: true });
  runner.forget();
  if (contract.unharmedBy?.includes(fault) === true)
    await runner.until(({ samples }) => samples.length >= 5, patienceMs);
  else
    await runner.until(
      ({ samples, ends }) => samples.some(isBad) || (mayEnd && ends.some(isLoss)),
      patienceMs,
    );
  await rig.setFaults({});
  const during = { samples: runner.samples, ends: runner.ends };
  await healed(runner, patienceMs);
  expect(faultsOf([...during.samples, ...runner.samples], points, contract)).toEqual([]);
  const ends = [...during.ends, ...runner.ends];
  expect(ends.filter((end) => !mayEnd || !isOperating(end))).toEqual([]);
}

/** A value that came after all that is known so far. */
async function healed(runner: ContractRunner, patienceMs: number): Promise<void> {
  const known = runner.samples.length;
  await runner.until(({ samples }) => samples.slice(known).some(isGood), patienceMs);
}

async function closes(contract: DriverContract, patienceMs: number): Promise<void> {
  const { rig, channel, context } = await prepare(contract);
  const tookMs: number[] = [];
  for (let attempt = 0; attempt < closeAttempts; attempt += 1) {
    await rig.setFaults({});
    const session = await contract.driver.open(channel, context, new AbortController().signal);
    const iterator = session.samples()[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(first.done).not.toBe(true);
    await rig.setFaults({ silent: true });
    const pending = drain(iterator);
    await new Promise((resolve) => setImmediate(resolve));
    const startMs = performance.now();
    await session[Symbol.asyncDispose]();
    tookMs.push(performance.now() - startMs);
    await session[Symbol.asyncDispose]();
    await expect.poll(() => pending.isOver(), { timeout: patienceMs }).toBe(true);
    // What it is told about a session that was closed on purpose does not matter, as long as it is no programming error.
    expect(pending.end()).toSatisfy((end) => end === undefined || isOperating(end) || isAbort(end));
  }
  expect(Math.min(...tookMs)).toBeLessThan(closeMsMax);
}

function drain(iterator: AsyncIterator<readonly Sample[]>) {
  let isOver = false;
  let end: unknown;
  const run = async () => {
    while ((await iterator.next()).done !== true);
  };
  void run()
    .catch((error: unknown) => {
      end = error;
    })
    .finally(() => {
      isOver = true;
    });
  return { isOver: () => isOver, end: () => end };
}

function isAbort(end: unknown): boolean {
  return end instanceof Error && end.name === "AbortError";
}

/** Lives of a session that are looked at, after one that loads what is loaded only once. */
const lives = 5;

async function leavesNothing(contract: DriverContract, patienceMs: number): Promise<void> {
  const { channel, context } = await prepare(contract);
  const warnings: string[] = [];
  const warn = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
  process.on("warning", warn);
  onTestFinished(() => {
    process.off("warning", warn);
  });
  const { signal } = new AbortController();
  const live = async () => {
    const session = await contract.driver.open(channel, context, signal);
    const iterator = session.samples()[Symbol.asyncIterator]();
    for (let batches = 0; batches < 3; batches += 1) await iterator.next();
    await session[Symbol.asyncDispose]();
    await iterator.return?.();
  };
  await live();
  const before = await fewestHandles();
  const listeners = getEventListeners(signal, "abort").length;
  for (let life = 0; life < lives; life += 1) await live();
  const more = (now: ReadonlyMap<string, number>) =>
    [...now].filter(([kind, count]) => count > (before.get(kind) ?? 0));
  // `expect.poll` would not do: its own timer is a handle, too.
  const untilMs = performance.now() + patienceMs;
  while (more(handles()).length > 0 && performance.now() < untilMs) await sleep(20);
  expect(more(handles())).toEqual([]);
  expect(getEventListeners(signal, "abort").length).toBe(listeners);
  expect(warnings.filter((text) => text.includes("MaxListeners"))).toEqual([]);
}

/** What an earlier life began and does not end within this time hides as many later leaks. */
const settleMs = 1_000;

async function fewestHandles(): Promise<ReadonlyMap<string, number>> {
  const untilMs = performance.now() + settleMs;
  let fewest = handles();
  while (performance.now() < untilMs) {
    await sleep(20);
    const now = handles();
    fewest = new Map(
      [...fewest].map(([kind, count]) => [kind, Math.min(count, now.get(kind) ?? 0)]),
    );
  }
  return fewest;
}

/** What keeps this process alive, by kind; the test runner's own are among them. */
function handles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo())
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function problemsOf(yaml: string, driver: Driver) {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, yaml);
  const loaded = loadConfig(file, { drivers: [driver], secrets: "substitute" });
  if (loaded.ok) return [];
  return loaded.problems.map((problem) => {
    const { line, column } = problem;
    const isOwn = problem.code === "schema/custom" && "text" in problem.params;
    return { code: isOwn ? problem.params.text : problem.code, line, column };
  });
}

/** What is wrong with samples, in words. */
function faultsOf(
  samples: readonly Sample[],
  points: readonly PointDescription[],
  { isTrue = () => true }: DriverContract,
): readonly string[] {
  const kinds = new Map(points.map(({ key, kind }) => [key, kind]));
  const wrong = samples.flatMap((sample) => {
    const kind = kinds.get(sample.point);
    if (kind === undefined) return [`${sample.point} is not described`];
    if (sample.quality === "bad")
      return isReason(sample.reason) ? [] : [`${sample.point}: reason "${sample.reason}"`];
    if (typeof sample.value !== (kind === "text" ? "string" : kind))
      return [`${sample.point}: ${String(sample.value)} is no ${kind}`];
    if (typeof sample.value === "number" && !Number.isFinite(sample.value))
      return [`${sample.point}: a code became a number`];
    return isTrue(sample) ? [] : [`${sample.point}: ${String(sample.value)} was never measured`];
  });
  return [...new Set(wrong)].slice(0, 10);
}

/** Short words, since they stand in tables and messages. */
function isReason(reason: string): boolean {
  return reason.length > 0 && reason.length <= 60 && !reason.includes("\n");
}

function isGood({ quality }: Sample): boolean {
  return quality !== "bad";
}

function isBad({ quality }: Sample): boolean {
  return quality === "bad";
}
