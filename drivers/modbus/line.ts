import type ModbusRTU from "modbus-serial";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { Table } from "./plan.ts";
import type { FramedPort } from "./port.ts";

/** The client of modbus-serial. */
export type Client = InstanceType<typeof ModbusRTU.default>;

export type Request =
  | {
      readonly kind: "read";
      readonly unitId: number;
      readonly table: Table;
      readonly address: number;
      readonly count: number;
    }
  | {
      readonly kind: "write-bits";
      readonly unitId: number;
      readonly address: number;
      readonly bits: readonly boolean[];
      readonly isSingle: boolean;
    }
  | {
      readonly kind: "write-registers";
      readonly unitId: number;
      readonly address: number;
      readonly registers: readonly number[];
      readonly isSingle: boolean;
    };

export type Outcome =
  | { readonly is: "answer"; readonly bytes: Uint8Array; readonly tookMs: number }
  | { readonly is: "exception"; readonly code: number; readonly tookMs: number }
  | { readonly is: "silence"; readonly tookMs: number }
  /** Bytes came, but not the answer. */
  | { readonly is: "damage"; readonly reason: string; readonly tookMs: number };

export interface LineSettings {
  /** Silence before each frame. */
  readonly turnaroundMs: number;
  /** Time of one character on the wire; 0 on TCP. */
  readonly characterMs: number;
}

/** Writes that wait for the line. A lamp that is not lit after this many is better reported than queued. */
export const writesPendingMax = 32;

interface Turn {
  readonly begin: () => void;
  readonly isWrite: boolean;
}

/**
 * The one worker of a port: one request in flight, writes before reads, silence between frames, and after a failure
 * no new request before the line is quiet and every buffer is empty.
 */
export class Line {
  readonly #client: Client;
  readonly #port: FramedPort;
  readonly #clock: Clock;
  readonly #settings: LineSettings;
  readonly #turns: Turn[] = [];
  #isBusy = false;
  #freeMs = Number.NEGATIVE_INFINITY;

  constructor(client: Client, port: FramedPort, clock: Clock, settings: LineSettings) {
    this.#client = client;
    this.#port = port;
    this.#clock = clock;
    this.#settings = settings;
  }

  /**
   * Sends one request and waits for its answer. `timeoutMs` counts from the end of the request on the wire to the
   * beginning of the answer.
   * @throws RackwatchError `driver/connection-lost`; `driver/unavailable` when too many writes wait.
   */
  async exchange(request: Request, timeoutMs: number): Promise<Outcome> {
    await this.#turn(request.kind !== "read");
    try {
      return await this.#transact(request, timeoutMs);
    } finally {
      this.#pass();
    }
  }

  async #transact(request: Request, timeoutMs: number): Promise<Outcome> {
    const { lost } = this.#port;
    await this.#pause(this.#freeMs + this.#settings.turnaroundMs - this.#clock.monotonicMs());
    lost.throwIfAborted();
    const startMs = this.#clock.monotonicMs();
    // Without a timeout modbus-serial never settles on a silent device.
    const wireMs = wireCharacters(request) * this.#settings.characterMs;
    this.#client.setTimeout(Math.ceil(timeoutMs + wireMs));
    const reply = await send(this.#client, request, lost);
    const nowMs = this.#clock.monotonicMs();
    const tookMs = nowMs - startMs;
    this.#freeMs = nowMs;
    if (reply.bytes !== undefined) return { is: "answer", bytes: reply.bytes, tookMs };
    lost.throwIfAborted();
    if (reply.exception !== undefined) return { is: "exception", code: reply.exception, tookMs };
    return this.#recover(startMs, timeoutMs);
  }

  /** What is still under way must not be taken for the answer to the next request. */
  async #recover(startMs: number, timeoutMs: number): Promise<Outcome> {
    const fault = this.#port.fault();
    const limitMs = this.#clock.monotonicMs() + timeoutMs;
    const quietMs = Math.max(quietMsMin, this.#settings.turnaroundMs);
    let waitMs = this.#port.receivedMs + quietMs - this.#clock.monotonicMs();
    while (waitMs > 0 && this.#clock.monotonicMs() < limitMs) {
      await this.#pause(waitMs);
      waitMs = this.#port.receivedMs + quietMs - this.#clock.monotonicMs();
    }
    await this.#port.discard();
    this.#freeMs = this.#clock.monotonicMs();
    const tookMs = this.#freeMs - startMs;
    if (fault === undefined) return { is: "silence", tookMs };
    return { is: "damage", reason: fault, tookMs };
  }

  /** An abort of the port ends a pause early; whoever paused looks at `lost` next. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#port.lost.aborted) return;
    // Timers count whole milliseconds; a frame reaches this program later than its end on the wire anyway.
    await this.#clock
      .sleep(Math.max(1, Math.round(ms)), this.#port.lost)
      .catch((error: unknown) => {
        if (!this.#port.lost.aborted) throw error;
      });
  }

  async #turn(isWrite: boolean): Promise<void> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    if (isWrite && this.#turns.filter((turn) => turn.isWrite).length >= writesPendingMax)
      throw new RackwatchError("driver/unavailable", "Too many writes wait for the line", {
        todo: "Write less often to outputs on this line, or raise its baudRate",
      });
    await new Promise<void>((begin) => {
      const firstRead = this.#turns.findIndex((turn) => !turn.isWrite);
      const at = isWrite && firstRead >= 0 ? firstRead : this.#turns.length;
      this.#turns.splice(at, 0, { begin, isWrite });
    });
  }

  #pass(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#isBusy = false;
    else next.begin();
  }
}

/** Silence after which a damaged answer is taken to be over: above the 16 ms in which USB adapters hold bytes back. */
const quietMsMin = 50;

interface Reply {
  readonly bytes?: Uint8Array;
  readonly exception?: number;
}

/** One call into modbus-serial; never rejects. Ends early when the port is lost, which the library does not notice. */
function send(client: Client, request: Request, lost: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const end = () => finish({});
    const finish = (reply: Reply) => {
      lost.removeEventListener("abort", end);
      resolve(reply);
    };
    lost.addEventListener("abort", end, { once: true });
    const done = (error: unknown, answer?: { readonly buffer?: Uint8Array }) => {
      if (error === null || error === undefined)
        return finish({ bytes: answer?.buffer ?? new Uint8Array(0) });
      const code =
        typeof error === "object" && "modbusCode" in error ? error.modbusCode : undefined;
      finish(typeof code === "number" ? { exception: code } : {});
    };
    call(client, request, done);
  });
}

type Done = (error: unknown, answer?: { readonly buffer?: Uint8Array }) => void;

function call(client: Client, request: Request, done: Done): void {
  const { unitId, address } = request;
  if (request.kind === "read") {
    const { count } = request;
    if (request.table === "coil") client.writeFC1(unitId, address, count, done);
    else if (request.table === "discrete") client.writeFC2(unitId, address, count, done);
    else if (request.table === "holding") client.writeFC3(unitId, address, count, done);
    else client.writeFC4(unitId, address, count, done);
    return;
  }
  // The framer has checked that the device repeated address and value: an answer without bytes is the confirmation.
  const confirmed = (error: unknown) => done(error);
  if (request.kind === "write-bits") {
    const [first = false] = request.bits;
    if (request.isSingle) client.writeFC5(unitId, address, first, confirmed);
    else client.writeFC15(unitId, address, [...request.bits], confirmed);
    return;
  }
  const [first = 0] = request.registers;
  if (request.isSingle) client.writeFC6(unitId, address, first, confirmed);
  else client.writeFC16(unitId, address, [...request.registers], confirmed);
}

/** Characters of request and answer together. */
function wireCharacters(request: Request): number {
  switch (request.kind) {
    case "read": {
      const isBits = request.table === "coil" || request.table === "discrete";
      return 8 + 5 + (isBits ? Math.ceil(request.count / 8) : request.count * 2);
    }
    case "write-bits":
      return 9 + Math.ceil(request.bits.length / 8) + 8;
    case "write-registers":
      return 9 + request.registers.length * 2 + 8;
  }
}
