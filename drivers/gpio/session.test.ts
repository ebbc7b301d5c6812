import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, InputLine, TellLevel } from "./backend.ts";
import { gpioDriver } from "./driver.ts";
import type { Level, LineLevel } from "./plan.ts";
import { gpioSchema } from "./schema.ts";
import { GpioSession } from "./session.ts";

const channel = gpioSchema.parse({
  driver: "gpio",
  backend: "sim",
  devices: {
    stack: {
      points: {
        red: { line: 17 },
        buzzer: { line: 22, activeLow: true },
        fault: { line: 27, failSafe: "on" },
        heartbeat: { line: 5, failSafe: "keep" },
      },
    },
  },
});

/** Remembers every level; a write ends when the test lets it. */
class Recorder implements GpioBackend {
  readonly name = "recorder";
  readonly written: string[] = [];
  released = false;
  hold: Promise<void> = Promise.resolve();
  failing: RackwatchError | undefined;

  request(lines: readonly LineLevel[]): Promise<void> {
    for (const { line, level } of lines) this.written.push(`${line}=${level}`);
    return Promise.resolve();
  }

  tell: TellLevel = () => undefined;

  watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    this.tell = tell;
    for (const { line } of lines) tell(line, 0);
    return Promise.resolve();
  }

  async write(line: number, level: Level): Promise<void> {
    this.written.push(`${line}=${level}`);
    await this.hold;
    if (this.failing !== undefined) throw this.failing;
  }

  release(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }
}

function opened() {
  const backend = new Recorder();
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const ended = new AbortController();
  const session = new GpioSession(channel, backend, { clock, log }, ended.signal);
  return {
    backend,
    clock,
    entries,
    ended,
    session,
    samples: session.samples()[Symbol.asyncIterator](),
  };
}

test("a write drives the line, active low or not", async () => {
  const { session, backend } = opened();
  await session.write("stack/buzzer", true);
  await session.write("stack/red", 1);
  expect(backend.written).toEqual(["22=0", "17=1"]);
});

test("no write becomes a sample: a lamp may flash for weeks and nothing is put on record", async () => {
  const { session, samples } = opened();
  const first = samples.next();
  for (let turn = 0; turn < 500; turn += 1) await session.write("stack/red", turn % 2 === 1);
  await session[Symbol.asyncDispose]();
  expect(await first).toEqual({ done: true, value: undefined });
});

test("while a line is being driven only the newest further value waits, and all who wrote learn of it", async () => {
  const { session, backend } = opened();
  const { promise, resolve } = Promise.withResolvers<void>();
  backend.hold = promise;
  const first = session.write("stack/red", true);
  await Promise.resolve();
  await Promise.resolve();
  const rest = Array.from({ length: 1_000 }, (_, turn) =>
    session.write("stack/red", turn % 2 === 0),
  );
  resolve();
  await Promise.all([first, ...rest]);
  expect(backend.written).toEqual(["17=1", "17=0"]);
});

test("a line that cannot be driven is told to who wrote, and driven again by the next write", async () => {
  const { session, backend } = opened();
  backend.failing = new RackwatchError("driver/port-busy", "held");
  await expect(session.write("stack/red", true)).rejects.toMatchObject({
    code: "driver/port-busy",
  });
  backend.failing = undefined;
  await session.write("stack/red", true);
  expect(backend.written).toEqual(["17=1", "17=1"]);
});

test.each([
  ["stack/green", true],
  ["stack/red", "on"],
  ["stack/red", 2],
] as const)("%s = %s is not writable", async (point, value) => {
  const { session, backend } = opened();
  await expect(session.write(point, value)).rejects.toMatchObject({ code: "driver/not-writable" });
  expect(backend.written).toEqual([]);
});

test("disposing drives the fail-safe levels, leaves `keep` alone, releases, and ends the samples", async () => {
  const { session, backend, samples } = opened();
  const waiting = samples.next();
  await session.write("stack/heartbeat", true);
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  expect(backend.written).toEqual(["5=1", "17=0", "22=1", "27=1"]);
  expect(backend.released).toBe(true);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("a fail-safe level that cannot be set does not keep the others from being set, and is logged", async () => {
  const { session, backend, entries } = opened();
  backend.failing = new RackwatchError("driver/port-busy", "held");
  await session[Symbol.asyncDispose]();
  expect(backend.written).toEqual(["17=0", "22=1", "27=1"]);
  expect(entries).toMatchObject([{ level: "warn", event: "gpio-fail-safe-incomplete" }]);
});

test("a lost line ends the samples with its error, so that the supervisor reopens", async () => {
  const { session, samples } = opened();
  const waiting = samples.next();
  session.lose(new RackwatchError("driver/connection-lost", "gone"));
  await expect(waiting).rejects.toMatchObject({ code: "driver/connection-lost" });
});

test("aborting ends the samples", async () => {
  const { ended, samples } = opened();
  const waiting = samples.next();
  ended.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("the simulation writes its levels to a file, whole at every instant", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rackwatch-sim-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "lamps.json");
  const driver = gpioDriver({ programs: "", sysfsFolder: folder });
  const context = { clock: new ManualClock(), log: memoryLog().log };
  const session = await driver.open({ ...channel, file }, context, new AbortController().signal);
  const seen = async () => JSON.parse(await readFile(file, "utf8"));
  expect(await seen()).toEqual({ 5: 0, 17: 0, 22: 1, 27: 0 });
  await Promise.all(
    [true, false, true].map(async (on) => {
      await session.write?.("stack/red", on);
      await session.write?.("stack/fault", on);
    }),
  );
  expect(await seen()).toEqual({ 5: 0, 17: 1, 22: 1, 27: 1 });
  await session[Symbol.asyncDispose]();
  expect(await seen()).toEqual({ 5: 0, 17: 0, 22: 1, 27: 1 });
});
