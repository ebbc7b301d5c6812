// One GPIO channel in a process of its own, driven by lines of JSON on standard input: see ChannelProcess.
import { readdirSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import type { PointKey, Sample, Session, Value } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { programFolders, sysfsFolder } from "../../../drivers/gpio/backend.ts";
import { gpioDriver } from "../../../drivers/gpio/driver.ts";
import { gpioSchema } from "../../../drivers/gpio/schema.ts";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import { memoryLog } from "../manual-clock.ts";

type Request =
  | { readonly open: unknown; readonly programs?: string }
  | { readonly write: readonly [PointKey, Value] }
  | { readonly close: true }
  | { readonly sample: true }
  | { readonly descriptors: true };

const { log, entries } = memoryLog();
let session: Session | undefined;
let samples: AsyncIterator<readonly Sample[]> | undefined;

async function answer(request: Request): Promise<unknown> {
  if ("open" in request) {
    const driver = gpioDriver({ programs: request.programs ?? programFolders, sysfsFolder });
    const context = { clock: systemClock, log };
    session = await driver.open(
      gpioSchema.parse(request.open),
      context,
      new AbortController().signal,
    );
    const { backend } = entries.at(-1)?.fields ?? {};
    return backend;
  }
  if ("write" in request) return session?.write?.(...request.write);
  if ("sample" in request) {
    samples ??= session?.samples()[Symbol.asyncIterator]();
    return (await samples?.next())?.value;
  }
  if ("close" in request) return session?.[Symbol.asyncDispose]();
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith("/value");
    } catch {
      return false;
    }
  }).length;
}

for await (const row of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(row)).then(
    (value) => ({ value }),
    (error) => {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, todo } = error;
      return { error: { code, message, todo } };
    },
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
