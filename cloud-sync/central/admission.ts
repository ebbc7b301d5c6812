import type { FastifyInstance, FastifyRequest } from "fastify";
import { busyRetryMs, type Pressure } from "./pressure.ts";
import { RefusalError } from "./refusals.ts";

/**
 * Requests of gateways that are open at once: each holds at most its compressed body, so 64 MB in all. A slow link takes half a
 * minute to send one, and must not keep others out.
 */
export const requestsMax = 256;

/** Bodies that are unpacked and stored at once: each takes up to 8 MB and as much again for its rows. */
export const ingestsMax = 32;

/**
 * Of them of one gateway: an agent asks one thing at a time, and leaves some half-sent ones behind on a line that flaps. One
 * that drips its bodies keeps nobody else out.
 */
export const requestsOfGatewayMax = 32;

export interface AdmissionLimits {
  readonly requestsMax: number;
  readonly requestsOfGatewayMax: number;
  readonly ingestsMax: number;
}

/** Lets in only so many requests at a time, before they cost memory; the others get 429 and come again. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #pressure: Pressure | undefined;
  /** Whose each is; undefined until that is known. */
  readonly #open = new Map<FastifyRequest, string | undefined>();
  readonly #unpacked = new Set<FastifyRequest>();
  readonly #working = new Set<FastifyRequest>();

  /** @param pressure says how long the others wait; absent: always the shortest time. */
  constructor(
    limits: AdmissionLimits = { requestsMax, requestsOfGatewayMax, ingestsMax },
    pressure?: Pressure,
  ) {
    this.#limits = limits;
    this.#pressure = pressure;
  }

  /** Bodies that are unpacked now. */
  get ingests(): number {
    return this.#unpacked.size;
  }

  /** Goes before all that looks at a request. */
  attach(app: FastifyInstance): void {
    app.addHook("onRequest", async (request) => {
      if (this.#open.size >= this.#limits.requestsMax) throw this.#full(this.#open.size);
      this.#open.set(request, undefined);
    });
    app.addHook("onResponse", async (request) => this.#leave(request));
    app.addHook("onRequestAbort", async (request) => this.#leave(request));
  }

  /** Once it is known whose request it is. @throws RefusalError 429 */
  claim(request: FastifyRequest, gateway: string): void {
    let count = 0;
    for (const owner of this.#open.values()) count += owner === gateway ? 1 : 0;
    if (count >= this.#limits.requestsOfGatewayMax) throw busy(count, busyRetryMs);
    if (this.#open.has(request)) this.#open.set(request, gateway);
  }

  /** Before a body is unpacked. @throws RefusalError 429 */
  unpack(request: FastifyRequest): void {
    if (this.#unpacked.size >= this.#limits.ingestsMax) throw this.#full(this.#unpacked.size);
    this.#unpacked.add(request);
    this.#pressure?.admitted();
  }

  /** Whoever hangs up while central works on what it sent keeps its place until that is done. */
  async work<T>(request: FastifyRequest, run: () => Promise<T>): Promise<T> {
    this.#working.add(request);
    try {
      return await run();
    } finally {
      this.#working.delete(request);
      this.#unpacked.delete(request);
    }
  }

  #full(count: number): RefusalError {
    return busy(count, this.#pressure?.refused() ?? busyRetryMs);
  }

  #leave(request: FastifyRequest): void {
    this.#open.delete(request);
    if (!this.#working.has(request)) this.#unpacked.delete(request);
  }
}

function busy(count: number, retryAfterMs: number): RefusalError {
  const message = `${count} requests are being worked on`;
  return new RefusalError(429, { code: "busy", message, retryAfterMs });
}
