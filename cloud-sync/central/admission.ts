import type { FastifyInstance, FastifyRequest } from "fastify";
import { RefusalError } from "./refusals.ts";

/**
 * Requests of gateways that are open at once: each holds at most its compressed body, so 64 MB in all. A slow link takes half a
 * minute to send one, and must not keep others out.
 */
export const requestsMax = 256;

/** Bodies that are unpacked and stored at once: each takes up to 8 MB and as much again for its rows. */
export const ingestsMax = 32;

/** How long a gateway is to wait when central has too much to do. */
export const busyRetryMs = 2_000;

export interface AdmissionLimits {
  readonly requestsMax: number;
  readonly ingestsMax: number;
}

/** Lets in only so many requests at a time, before they cost memory; the others get 429 and come again. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #open = new Set<FastifyRequest>();
  readonly #unpacked = new Set<FastifyRequest>();
  readonly #working = new Set<FastifyRequest>();

  constructor(limits: AdmissionLimits = { requestsMax, ingestsMax }) {
    this.#limits = limits;
  }

  /** Bodies that are unpacked now. */
  get ingests(): number {
    return this.#unpacked.size;
  }

  /** Goes before all that looks at a request. */
  attach(app: FastifyInstance): void {
    app.addHook("onRequest", async (request) => {
      if (this.#open.size >= this.#limits.requestsMax) throw busy(this.#open.size);
      this.#open.add(request);
    });
    app.addHook("onResponse", async (request) => this.#leave(request));
    app.addHook("onRequestAbort", async (request) => this.#leave(request));
  }

  /** Before a body is unpacked. @throws RefusalError 429 */
  unpack(request: FastifyRequest): void {
    if (this.#unpacked.size >= this.#limits.ingestsMax) throw busy(this.#unpacked.size);
    this.#unpacked.add(request);
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

  #leave(request: FastifyRequest): void {
    this.#open.delete(request);
    if (!this.#working.has(request)) this.#unpacked.delete(request);
  }
}

function busy(count: number): RefusalError {
  const message = `${count} requests are being worked on`;
  return new RefusalError(429, { code: "busy", message, retryAfterMs: busyRetryMs });
}
