import type { Connection } from "../../drivers/connect.ts";
import type { Clock, PointKey, Sample, Session } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { FramedWire } from "../../drivers/framing/framed-wire.ts";
import type { Framed } from "../../drivers/framing/framer.ts";
import { poll, Schedule } from "../../drivers/poll.ts";
import { question, type Reading, readingOf } from "./frame.ts";
import type { ThermometerChannel } from "./schema.ts";

/** Without a byte for that long the connection is given up: a TCP peer without power gives no other sign. */
const deafMs = 60_000;

interface Probe {
  readonly key: PointKey;
  readonly unit: number;
  readonly probe: number;
}

interface SessionParts {
  readonly connection: Connection;
  readonly wire: FramedWire;
  readonly clock: Clock;
}

/** One open line: asks each probe in its period, one question at a time. */
export class ThermometerSession implements Session {
  readonly #parts: SessionParts;
  readonly #timeoutMs: number;
  readonly #schedule: Schedule<Probe>;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;

  constructor(channel: ThermometerChannel, parts: SessionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#timeoutMs = channel.timeout;
    this.#schedule = new Schedule(probesOf(channel), parts.clock.monotonicMs());
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
  }

  /** @throws RackwatchError `driver/connection-lost` when the port is gone, or silent for too long. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    const { wire, clock } = this.#parts;
    const ended = AbortSignal.any([this.#signal, wire.lost]);
    for await (const { item } of poll(this.#schedule, clock, ended)) {
      this.#checkDeaf();
      const sample = await this.#read(item).catch((error: unknown) => {
        if (this.#signal.aborted) return undefined;
        throw error;
      });
      if (sample !== undefined) yield [sample];
    }
    if (!this.#signal.aborted) wire.lost.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#parts.wire[Symbol.asyncDispose]();
    await this.#parts.connection.close();
  }

  async #read(asked: Probe): Promise<Sample> {
    const { wire, clock } = this.#parts;
    // The answer to a question that was given up may still come: it must not become this one's.
    await wire.discard();
    await wire.write(question(asked.unit, asked.probe));
    const untilMs = clock.monotonicMs() + this.#timeoutMs;
    let reason = "timeout";
    for (;;) {
      const found = await wire.next(Math.max(0, untilMs - clock.monotonicMs()), this.#signal);
      const told = { point: asked.key, sampledAt: clock.now() };
      if (found === undefined) return { ...told, quality: "bad", reason };
      const reading = answerIn(found, asked);
      if (reading === undefined) reason = found.find(isNoise)?.reason ?? reason;
      else if (reading.celsius === undefined)
        return { ...told, quality: "bad", reason: "no-probe" };
      else return { ...told, quality: "good", value: reading.celsius };
    }
  }

  #checkDeaf(): void {
    const { wire, clock, connection } = this.#parts;
    if (clock.monotonicMs() - wire.receivedMs < deafMs) return;
    throw new RackwatchError("driver/connection-lost", "The line has been silent for too long", {
      where: connection.address,
      todo: "Check power and wiring of the thermometers",
    });
  }
}

function probesOf({ devices }: ThermometerChannel) {
  return Object.entries(devices).flatMap(([id, { unit, every, points }]) =>
    Object.entries(points).map(([name, { probe }]) => ({
      item: { key: `${id}/${name}` as const, unit, probe },
      everyMs: every,
    })),
  );
}

function answerIn(found: readonly Framed[], { unit, probe }: Probe): Reading | undefined {
  return found
    .flatMap((piece) => (piece.ok ? (readingOf(piece.bytes) ?? []) : []))
    .find((reading) => reading.unit === unit && reading.probe === probe);
}

function isNoise(piece: Framed): piece is Extract<Framed, { ok: false }> {
  return !piece.ok;
}
