import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Sample, Session } from "../../drivers/contract.ts";
import { opcua } from "../../drivers/opcua/driver.ts";
import type { OpcUaChannel } from "../../drivers/opcua/schema.ts";
import type { OpcUaSimulatorOptions } from "../../drivers/opcua/simulator.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { OpcUaServerProcess } from "../support/opcua-server.ts";

/** Waiting for what takes a second or less: a busy machine may need this. */
export const patient = { timeout: 60_000, interval: 50 };

/** Folders of one test file, away when it ends. */
export async function opcuaFolder() {
  const folder = await mkdtemp(join(tmpdir(), "rackwatch-opcua-test-"));
  return {
    path: folder,
    dataDir: join(folder, "data"),
    server: join(folder, "server"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export function startServer(
  folder: string,
  options: Omit<OpcUaSimulatorOptions, "folder"> = {},
): Promise<OpcUaServerProcess> {
  return OpcUaServerProcess.start({ folder, ...options });
}

export interface Reading extends AsyncDisposable {
  readonly session: Session;
  /** Everything that came, in its order. */
  readonly samples: Sample[];
  last(point: string): Sample | undefined;
  /** Ends as `samples()` of the session ends. */
  readonly ended: Promise<unknown>;
  readonly events: () => readonly string[];
}

/** Opens a channel as it stands in YAML, and reads it until it ends. */
export function read(channel: unknown, dataDir: string, clock?: Clock): Promise<Reading> {
  return readParsed(opcua.schema.parse(channel), dataDir, clock);
}

/** The same for a channel that its schema has checked. */
export async function readParsed(
  channel: OpcUaChannel,
  dataDir: string,
  clock: Clock = systemClock,
): Promise<Reading> {
  const { log, entries } = memoryLog();
  const stop = new AbortController();
  const context = { clock, log, dataDir };
  const session = await opcua.open(channel, context, stop.signal);
  const samples: Sample[] = [];
  const consume = async () => {
    for await (const batch of session.samples()) samples.push(...batch);
  };
  const ended = consume().catch((error: unknown) => error);
  return {
    session,
    samples,
    last: (point) => samples.findLast((sample) => sample.point === point),
    ended,
    events: () => entries.filter(({ level }) => level === "warn").map(({ event }) => event),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await session[Symbol.asyncDispose]();
      await ended;
    },
  };
}
