import type { Connection } from "../connect.ts";
import type { DriverContext, PointKey, Sample, Session, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { poll, Schedule } from "../poll.ts";
import { encodeBit, encodeRegisters } from "./encode.ts";
import { illegalDataAddress, isAlive, reasonOf, writeError } from "./failure.ts";
import type { Line, Outcome, Request } from "./line.ts";
import { type PointPlace, placesOf, plan, type ReadRequest, withoutGaps } from "./plan.ts";
import type { FramedPort } from "./port.ts";
import { badSamples, samplesOf } from "./samples.ts";
import { isSerialLine, type ModbusChannel } from "./schema.ts";
import { Units } from "./units.ts";

/** How often it is logged that the line is too slow for the periods. */
const lateLogMs = 60_000;

interface Group {
  readonly unitId: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** More than one after the device refused registers that lie between points. */
  requests: readonly ReadRequest[];
}

interface WriteTarget {
  readonly place: PointPlace;
  readonly timeoutMs: number;
  readonly isSingle: boolean;
}

export interface SessionParts {
  readonly connection: Connection;
  readonly port: FramedPort;
  readonly line: Line;
  readonly context: DriverContext;
}

/** One open Modbus line: polls its groups, and writes when asked to. */
export class ModbusSession implements Session {
  readonly #parts: SessionParts;
  readonly #units: Units;
  readonly #schedule: Schedule<Group>;
  readonly #targets: ReadonlyMap<PointKey, WriteTarget>;
  readonly #isNetwork: boolean;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  #missed = 0;
  #missedLoggedMs: number;

  constructor(channel: ModbusChannel, parts: SessionParts, signal: AbortSignal) {
    const nowMs = parts.context.clock.monotonicMs();
    const groups = plan(channel).map(({ request, ...group }) => ({
      ...group,
      requests: [request],
    }));
    const requests = groups.flatMap((group) => group.requests);
    this.#parts = parts;
    this.#units = new Units(requests, !isSerialLine(channel), nowMs);
    this.#schedule = new Schedule<Group>(
      groups.map((item) => ({ item, everyMs: item.everyMs })),
      nowMs,
    );
    this.#targets = targetsOf(channel);
    this.#isNetwork = channel.port.startsWith("tcp:");
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#missedLoggedMs = nowMs;
  }

  /** @throws RackwatchError `driver/connection-lost` when the port or the server is gone. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    const { port, context } = this.#parts;
    const ended = AbortSignal.any([this.#signal, port.lost]);
    for await (const { item, missed } of poll(this.#schedule, context.clock, ended)) {
      this.#noteMissed(missed);
      const samples = await this.#read(item).catch((error: unknown) => {
        if (this.#signal.aborted) return [];
        throw error;
      });
      if (samples.length > 0) yield samples;
    }
    if (!this.#signal.aborted) port.lost.throwIfAborted();
  }

  /**
   * Resolves when the device repeated what it was told.
   * @throws RackwatchError `driver/not-writable`, `driver/timeout`, `driver/bad-frame`, `driver/refused`,
   * `driver/unavailable`, `driver/connection-lost`.
   */
  async write(point: PointKey, value: Value): Promise<void> {
    const target = this.#targets.get(point);
    if (target === undefined)
      throw new RackwatchError("driver/not-writable", `${point} cannot be written`, {
        where: point,
        todo: "Give the point `access: write` or `access: read-write`",
      });
    const request = writeRequest(target, value);
    if (!this.#units.mayWrite(request.unitId, this.#parts.context.clock.monotonicMs()))
      throw new RackwatchError(
        "driver/unavailable",
        `${point} was not written: its device does not answer`,
        { where: point, todo: "Check that the device has power, and its unitId" },
      );
    const outcome = await this.#ask(request, target.timeoutMs);
    if (outcome.is !== "answer") throw writeError(outcome, point);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#parts.port.destroy();
    await this.#parts.connection.close();
  }

  async #read(group: Group): Promise<readonly Sample[]> {
    const { clock } = this.#parts.context;
    const nowMs = clock.monotonicMs();
    const state = this.#units.state(group.unitId);
    if (!this.#units.mayAsk(group.unitId, nowMs)) {
      const restMs = state.notBeforeMs - nowMs;
      if (state.failures > 1 || restMs <= 0 || restMs >= group.everyMs)
        return badSamples(group.requests, state.reason, clock.now());
      this.#schedule.postpone(group, state.notBeforeMs);
      return [];
    }
    const refusal = await this.#passSentinel(group);
    if (refusal !== undefined) return badSamples(group.requests, refusal, clock.now());
    return this.#readRequests(group);
  }

  /** Why the group may not be read yet; undefined when its unit's answers can be believed. */
  async #passSentinel({ unitId, timeoutMs }: Group): Promise<string | undefined> {
    let refusal: string | undefined;
    for (const sentinel of this.#units.sentinels(unitId)) {
      const wasUntried = this.#units.isUntried(unitId);
      const outcome = await this.#ask({ kind: "read", ...sentinel.request }, timeoutMs);
      const isRefused = outcome.is === "exception" && isAlive(outcome) && sentinel.isDerived;
      if (sentinel.isProof && (outcome.is === "answer" || isRefused)) {
        this.#units.clear(unitId);
        return undefined;
      }
      // At the start it is no failure: the device may just not know this length, and nobody has seen it well before.
      if (outcome.is === "answer" || (wasUntried && outcome.is === "silence")) {
        const { reason } = this.#units.state(unitId);
        this.#units.settle(unitId, this.#parts.context.clock.monotonicMs(), timeoutMs);
        return reason === "" ? "timeout" : reason;
      }
      refusal = reasonOf(outcome);
      if (!isAlive(outcome)) break;
    }
    return refusal;
  }

  async #readRequests(group: Group): Promise<readonly Sample[]> {
    const { clock, log } = this.#parts.context;
    const samples: Sample[] = [];
    for (const [index, request] of group.requests.entries()) {
      const outcome = await this.#ask({ kind: "read", ...request }, group.timeoutMs);
      if (outcome.is === "answer") {
        samples.push(...samplesOf(request, outcome.bytes, clock.now()));
        continue;
      }
      const reason = reasonOf(outcome);
      if (outcome.is !== "exception") {
        samples.push(...badSamples(group.requests.slice(index), reason, clock.now()));
        break;
      }
      samples.push(...badSamples([request], reason, clock.now()));
      const parts = outcome.code === illegalDataAddress ? withoutGaps(request) : undefined;
      if (parts === undefined) continue;
      group.requests = group.requests.flatMap((known) => (known === request ? parts : [known]));
      log.info("modbus request split", { unitId: group.unitId, address: request.address });
    }
    return samples;
  }

  async #ask(request: Request, timeoutMs: number): Promise<Outcome> {
    const { clock } = this.#parts.context;
    const outcome = await this.#parts.line.exchange(request, timeoutMs);
    this.#units.note(request, outcome, timeoutMs, clock.monotonicMs());
    // A half-open TCP connection looks open for ever: only silence tells.
    if (this.#isNetwork && this.#units.areAllSilent)
      this.#parts.port.lose("The device has stopped answering");
    return outcome;
  }

  #noteMissed(missed: number): void {
    const nowMs = this.#parts.context.clock.monotonicMs();
    this.#missed += missed;
    if (this.#missed === 0 || nowMs - this.#missedLoggedMs < lateLogMs) return;
    this.#parts.context.log.warn("modbus polls late", { missed: this.#missed });
    this.#missed = 0;
    this.#missedLoggedMs = nowMs;
  }
}

function targetsOf(channel: ModbusChannel): ReadonlyMap<PointKey, WriteTarget> {
  const targets = Object.entries(channel.devices).flatMap(([id, device]) =>
    placesOf(id, device)
      .filter(({ point }) => point.access !== "read")
      .map((place) => ({
        place,
        timeoutMs: device.timeout ?? channel.timeout,
        isSingle: device.writeFunction === "single" && place.width === 1,
      })),
  );
  return new Map(targets.map((target) => [target.place.key, target]));
}

function writeRequest({ place, isSingle }: WriteTarget, value: Value): Request {
  const { unitId, address, point } = place;
  if (point.table === "coil") {
    const bit = encodeBit(value, point);
    if (typeof bit === "object") throw unfit(place, bit.misfit);
    return { kind: "write-bits", unitId, address, bits: [bit], isSingle };
  }
  const registers = encodeRegisters(value, point, place.order);
  if ("misfit" in registers) throw unfit(place, registers.misfit);
  return { kind: "write-registers", unitId, address, registers, isSingle };
}

function unfit(place: PointPlace, misfit: string): RackwatchError {
  return new RackwatchError("driver/not-writable", `${place.key} was not written: ${misfit}`, {
    where: place.key,
    todo: "Write a value that the point's type and scale can hold",
  });
}
