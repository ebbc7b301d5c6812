import type { EpochMs, MonotonicMs, Sample } from "../contract.ts";
import type { ReaderEvent } from "./protocol.ts";
import { antennasOf, heartbeatMs, sampleOf, type Trust } from "./samples.ts";
import { Gate } from "./session-gate.ts";
import type { Zone } from "./zones.ts";

/** Temperatures drift: oftener than that is noise. */
const measuredMs = 10_000;

/** A fault that the reader has not told again for that long is over. */
const faultMs = 10_000;

/** The reason of a reader that does not answer. */
export const silent = "timeout";

type HealthEvent = Extract<ReaderEvent, { readonly is: "health" }>;

interface Fault {
  readonly reason: string;
  readonly toldMs: MonotonicMs;
  /** It reads all the same. */
  readonly reads: boolean;
}

/** How the reader is; the same for every device of its channel. */
export class ReaderHealth {
  readonly #state = new Gate(0, heartbeatMs);
  readonly #measured = new Gate(measuredMs, heartbeatMs);
  #fault: Fault | undefined;
  #antennas: Readonly<Record<number, boolean>> = {};
  #temperatureCel: number | undefined;
  #returnLossDb: number | undefined;
  #isKnown = false;

  /** A fault, or silence. */
  fail(reason: string, nowMs: MonotonicMs): void {
    if (this.#fault?.reason !== reason) this.#state.change();
    this.#isKnown = true;
    this.#fault = { reason, toldMs: nowMs, reads: false };
  }

  /** A sign of life; a read is one that says more. */
  live(isRead: boolean, nowMs: MonotonicMs): void {
    const fault = this.#fault;
    if (fault === undefined) {
      if (!this.#isKnown) this.#state.change();
      this.#isKnown = true;
      return;
    }
    const isOver = fault.reason === silent || nowMs - fault.toldMs >= faultMs;
    if (isOver) this.#state.change();
    if (isOver) this.#fault = undefined;
    else if (isRead) this.#fault = { ...fault, reads: true };
  }

  /** No fault keeps it from reading. */
  get isReading(): boolean {
    return this.#fault === undefined || this.#fault.reads;
  }

  measure({ temperatureCel, returnLossDb, antennas }: HealthEvent): void {
    if (temperatureCel !== undefined || returnLossDb !== undefined) this.#measured.change();
    this.#temperatureCel = temperatureCel ?? this.#temperatureCel;
    this.#returnLossDb = returnLossDb ?? this.#returnLossDb;
    for (const [antenna, isConnected] of Object.entries(antennas ?? {})) {
      if (this.#antennas[Number(antenna)] === isConnected) continue;
      this.#antennas = { ...this.#antennas, [antenna]: isConnected };
      this.#state.change();
    }
  }

  /** How far the set of a zone's tags can be believed; undefined while nothing was heard. */
  trust(zone: Zone, isSettling: boolean): Trust | undefined {
    const fault = this.#fault;
    if (!this.#isKnown) return undefined;
    if (fault !== undefined && !fault.reads) return { quality: "bad", reason: fault.reason };
    const antennas = antennasOf(zone, this.#antennas);
    if (antennas === "none") return { quality: "bad", reason: "antenna" };
    if (isSettling) return { quality: "uncertain", reason: "settling" };
    if (antennas === "some") return { quality: "uncertain", reason: "antenna" };
    return { quality: "good" };
  }

  get dueMs(): MonotonicMs {
    return Math.min(this.#state.dueMs, this.#measured.dueMs);
  }

  samples(zones: readonly Zone[], nowMs: MonotonicMs, now: EpochMs): readonly Sample[] {
    const isStateDue = this.#state.dueMs <= nowMs;
    const isMeasuredDue = this.#measured.dueMs <= nowMs;
    if (isStateDue) this.#state.pass(nowMs);
    if (isMeasuredDue) this.#measured.pass(nowMs);
    return zones.flatMap((zone) => [
      ...(isStateDue ? this.#stateSamples(zone, now) : []),
      ...(isMeasuredDue ? this.#measuredSamples(zone, now) : []),
    ]);
  }

  #stateSamples(zone: Zone, now: EpochMs): readonly Sample[] {
    const fault = this.#fault?.reason;
    const isSilent = fault === silent;
    const trust: Trust = isSilent ? { quality: "bad", reason: silent } : { quality: "good" };
    const antennas = antennasOf(zone, this.#antennas);
    const isKnown = antennas !== "unknown";
    return [
      sampleOf(zone.device, "reader", fault ?? "ok", now, trust),
      ...(isKnown ? [sampleOf(zone.device, "antenna", antennas === "all", now, trust)] : []),
    ];
  }

  #measuredSamples({ device }: Zone, now: EpochMs): readonly Sample[] {
    const isSilent = this.#fault?.reason === silent;
    const trust: Trust = isSilent ? { quality: "bad", reason: silent } : { quality: "good" };
    const values = [
      ["temperature", this.#temperatureCel],
      ["return-loss", this.#returnLossDb],
    ] as const;
    return values.flatMap(([point, value]) =>
      value === undefined ? [] : [sampleOf(device, point, value, now, trust)],
    );
  }
}
