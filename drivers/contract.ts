import type { ZodType } from "zod";
import type { Secret } from "./secret.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. Wall clock: it may step when the clock is set. */
export type EpochMs = number;

/** Milliseconds of CLOCK_MONOTONIC: counts from the machine's boot, never steps, the same in every process. */
export type MonotonicMs = number;

export type Value = number | string | boolean;

/** `device/point`, unique in a gateway, for example `cold-2/temperature`. */
export type PointKey = `${string}/${string}`;

/**
 * One value of one point at one instant; qualities as in OPC UA Part 8. A bad sample carries a reason, never a value.
 * `raw` is what the device said, kept where a check or a calibration made something else of it; rules never read it.
 */
export type Sample = {
  readonly point: PointKey;
  readonly sampledAt: EpochMs;
  readonly raw?: number;
} & (
  | { readonly quality: "good"; readonly value: Value }
  | { readonly quality: "uncertain"; readonly value: Value; readonly reason?: string }
  | { readonly quality: "bad"; readonly reason: string }
);

export type Quality = Sample["quality"];

export interface Clock {
  now(): EpochMs;
  /** For timeouts, delays and rates. */
  monotonicMs(): MonotonicMs;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Structured log: a constant event name and its fields. */
export interface Log {
  child(fields: Fields): Log;
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

/** Sees every byte that passes an open connection, for tools that show raw traffic. */
export type Tap = (direction: "in" | "out", bytes: Uint8Array) => void;

/** All that a driver is given. It reads no environment and keeps no module state. */
export interface DriverContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly tap?: Tap;
  /** Folder for files that a driver must keep (certificates), each driver in a subfolder of its own name. */
  readonly dataDir?: string;
  /** The gateway's own MQTT broker, for channels that listen on it. */
  readonly localBroker?: LocalBroker;
}

export interface LocalBroker {
  /** `tcp://host:port`. */
  readonly address: string;
  readonly user: string;
  readonly password: Secret;
}

/** What a point is, for whoever reads it: panel, rules, reference checks. */
export interface PointDescription {
  readonly key: PointKey;
  /** Unit of the value as delivered by the driver, UCUM spelling (`Cel`, `%`, `kg`); absent for text and switches. */
  readonly unit?: string;
  readonly kind: "number" | "boolean" | "text";
  readonly access: "read" | "write" | "read-write";
  /** Time between two scheduled readings; absent where the device decides. */
  readonly everyMs?: number;
  /** What an output is to the people near it; absent for inputs. */
  readonly role?: "lamp" | "buzzer";
  /** Writing true makes the device do something once (tare): it holds no level, so that it is no output. */
  readonly isCommand?: true;
}

/**
 * Something that a channel occupies: a serial line, a GPIO line, a unit id on a line. Two channels may name the same
 * resource only if neither claims it exclusively and both give the same settings.
 */
export interface Claim {
  /** For example `serial:/dev/ttyUSB0` or `gpio:gpiochip0:17`. */
  readonly resource: string;
  readonly exclusive: boolean;
  readonly settings?: string;
  /** Where in the channel's YAML the claim is made. */
  readonly path: readonly (string | number)[];
}

export interface Driver<C = unknown> {
  /** The value of `driver:` in YAML. */
  readonly name: string;
  /** Types, validation, editor completion and reference page come from here. Checks a channel after its templates were merged. */
  readonly schema: ZodType<C>;
  /** What a template file's `points` and settings must look like for this driver. */
  readonly templateSchema?: ZodType;
  describe(channel: C): readonly PointDescription[];
  claims(channel: C): readonly Claim[];
  /** Topics that the channel publishes on the gateway's own broker; none where there is no such thing. */
  publishes?(channel: C): readonly string[];
  /** @throws RackwatchError `driver/...` when the port or server cannot be opened. */
  open(channel: C, context: DriverContext, signal: AbortSignal): Promise<Session>;
}

/**
 * One open channel. A device that does not answer yields bad samples; a port or server that is gone ends the
 * iteration with an error, and the supervisor closes, waits, reopens. A session never retries.
 */
export interface Session extends AsyncDisposable {
  samples(): AsyncIterable<readonly Sample[]>;
  /** Sets a writable point. Resolves when the device confirmed it. */
  write?(point: PointKey, value: Value): Promise<void>;
}
