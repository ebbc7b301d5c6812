import type { EpochMs, MonotonicMs, Sample } from "../contract.ts";
import type { ReaderEvent, TagRead } from "./protocol.ts";
import { antennasOf, heartbeatMs, sampleOf, type Trust } from "./samples.ts";
import { Gate } from "./session-gate.ts";
import type { Zone } from "./zones.ts";

/** Temperatures drift: oftener than that is noise. */
const measuredMs = 10_000;

/** A fault that the reader has not told again for that long is over; links repeat lasting ones each minute. */
const faultMs = 90_000;

/** A reader with a fault that has read a tag that recently reads all the same. */
const readingMs = 5_000;

/** Rounds without a tag and without another word of the fault: after that long the field is empty indeed. */
const unfaultedMs = 10_000;

/** The reason of a reader that does not answer. */
export const silent = "timeout";

type HealthEvent = Extract<ReaderEvent, { readonly is: "health" }>;

interface Fault {
  readonly reason: string;
  readonly toldMs: MonotonicMs;
}

/** How the reader is; the same for every device of its channel. */
export class ReaderHealth {
  readonly #state = new Gate(0, heartbeatMs);
  readonly #measured = new Gate(measuredMs, heartbeatMs);
  #fault: Fault | undefined;
  #antennas: Readonly<Record<number, boolean>> = {};
  readonly #everConnected = new Set<number>();
  #temperatureCel: number | undefined;
  #returnLossDb: number | undefined;
  #readMs: MonotonicMs = Number.NEGATIVE_INFINITY;
  #hasSpoken = false;

  /** A fault, or silence. */
  fail(reason: string, nowMs: MonotonicMs): void {
    if (this.#fault?.reason !== reason) this.#state.change();
    this.#fault = { reason, toldMs: nowMs };
    this.#hasSpoken = true;
  }

  /** A sign of life; a read is one that says more. */
  live(read: TagRead | undefined, nowMs: MonotonicMs): void {
    if (!this.#hasSpoken) this.#state.change();
    this.#hasSpoken = true;
    if (read !== undefined) this.#readMs = nowMs;
    const antenna = read?.antenna;
    if (antenna !== undefined && this.#antennas[antenna] === false) this.#connect(antenna, true);
    const fault = this.#fault;
    if (fault === undefined) return;
    if (fault.reason !== silent && nowMs - fault.toldMs < faultMs) return;
    this.#fault = undefined;
    this.#state.change();
  }

  /** A fault was told lately: a sign of life without a read does not show that the reader watches. */
  isFaulted(nowMs: MonotonicMs): boolean {
    return this.#fault !== undefined && nowMs - this.#fault.toldMs < unfaultedMs;
  }

  /** Whether the reader sees what is there, as far as it says. */
  isReading(nowMs: MonotonicMs): boolean {
    const fault = this.#fault;
    if (fault === undefined) return true;
    if (fault.reason === silent) return false;
    return nowMs - this.#readMs < readingMs || !this.isFaulted(nowMs);
  }

  measure({ temperatureCel, returnLossDb, antennas }: HealthEvent): void {
    if (temperatureCel !== undefined || returnLossDb !== undefined) this.#measured.change();
    this.#temperatureCel = temperatureCel ?? this.#temperatureCel;
    this.#returnLossDb = returnLossDb ?? this.#returnLossDb;
    for (const [antenna, isConnected] of Object.entries(antennas ?? {}))
      this.#connect(Number(antenna), isConnected);
  }

  /** How far the set of a zone's tags can be believed; undefined while nothing was heard. */
  trust(zone: Zone, isSettling: boolean, nowMs: MonotonicMs): Trust | undefined {
    const fault = this.#fault;
    if (!this.#hasSpoken) return undefined;
    if (fault !== undefined && !this.isReading(nowMs))
      return { quality: "bad", reason: fault.reason };
    const antennas = this.#antennasOf(zone);
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

  /** A place without antennas of its own is watched by those that were connected: a port left free is no loss. */
  #antennasOf({ antennas }: Zone): ReturnType<typeof antennasOf> {
    const used = this.#everConnected;
    const own = antennas ?? (used.size > 0 ? [...used] : Object.keys(this.#antennas).map(Number));
    return antennasOf(own, this.#antennas);
  }

  #connect(antenna: number, isConnected: boolean): void {
    if (isConnected) this.#everConnected.add(antenna);
    if (this.#antennas[antenna] === isConnected) return;
    this.#antennas = { ...this.#antennas, [antenna]: isConnected };
    this.#state.change();
  }

  #stateSamples(zone: Zone, now: EpochMs): readonly Sample[] {
    const fault = this.#fault?.reason;
    const isSilent = fault === silent;
    const trust: Trust = isSilent ? { quality: "bad", reason: silent } : { quality: "good" };
    const antennas = this.#antennasOf(zone);
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
