import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { readEvents, readSamples } from "../../gateway/store/chunk.ts";
import type { StoreLimits } from "../../gateway/store/limits.ts";
import { type DurableStore, openStore } from "../../gateway/store/open-store.ts";
import type { ClockMark, Commit, GatewayEvent } from "../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";

export const mark: ClockMark = { boot: "boot-1", offsetMs: 1.8e12, quality: "synchronized" };

/** A commit of nothing, to be spread. */
export const none: Commit = { clock: mark, samples: [], events: [], state: new Map() };

/** A fresh folder and clock for each test of the file, and the stores that are opened on it, closed at its end. */
export class StoreRig {
  dir = "";
  clock = new ManualClock();
  #stores: DurableStore[] = [];

  begin(): void {
    this.dir = mkdtempSync(join(tmpdir(), "rackwatch-store-"));
    this.clock = new ManualClock();
  }

  end(): void {
    for (const store of this.#stores) store[Symbol.dispose]();
    this.#stores = [];
    rmSync(this.dir, { recursive: true, force: true });
  }

  open(limits: Partial<StoreLimits> = {}, gatewayId = "gw-1", dir = this.dir) {
    const small = { ballastBytes: 65_536, freeBytesMin: 0, ...limits };
    const { log } = memoryLog();
    const opened = openStore({ dir, gatewayId, clock: this.clock, log, limits: small });
    this.#stores.push(opened.store);
    return opened;
  }

  close(store: DurableStore): void {
    store[Symbol.dispose]();
    this.#stores = this.#stores.filter((it) => it !== store);
  }

  samples(count: number, at = this.clock.now()): Sample[] {
    return Array.from({ length: count }, (_, row) => ({
      point: `room-${row % 5}/temperature`,
      sampledAt: at + row,
      quality: "good",
      value: Math.round(Math.sin(row + at) * 400) / 100,
    }));
  }

  event(body: GatewayEvent["body"] = { rule: "warm" }): GatewayEvent {
    return { kind: "alarm", at: this.clock.now(), mono: this.clock.monotonicMs(), body };
  }
}

/** To be called once at the top of a test file. */
export function storeRig(): StoreRig {
  const rig = new StoreRig();
  beforeEach(() => rig.begin());
  afterEach(() => rig.end());
  return rig;
}

export function allSamples({ outbox }: DurableStore): Sample[] {
  return outbox.read("samples", 0, 1e9).flatMap(readSamples);
}

export function allEvents({ outbox }: DurableStore): GatewayEvent[] {
  return outbox.read("events", 0, 1e9).flatMap(readEvents);
}
