import { X509Certificate } from "node:crypto";
import type { IdentityText } from "../../config/language/identity.ts";
import type { Clock, EpochMs, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { gatewayOfCertificate } from "../../gateway/store/identity-file.ts";
import type { EnrolledAnswer } from "../protocol-identity.ts";
import type { Identity, IdentityReader } from "./identity.ts";
import type { IdentityKeeper } from "./keep-identity.ts";

/** Renewed when so much of its life is over, up to this much later: gateways of one day do not all come at once. */
const dueShare = 2 / 3;
const spreadShare = 0.05;

/** How often it is looked whether one is due; failures wait as long, jittered. A month is left for them. */
const lookMs = 3_600_000;

/** With less left it is the technician's problem. */
const warnMs = 10 * 86_400_000;

const dayMs = 86_400_000;

export interface RenewalParts {
  readonly reader: Pick<IdentityReader, "current">;
  readonly keeper: Pick<IdentityKeeper, "replaceCertificate" | "tell">;
  /** Asks central for the next certificate of the same key. */
  readonly ask: (signal: AbortSignal) => Promise<EnrolledAnswer>;
  readonly clock: Clock;
  readonly log: Log;
  readonly text: IdentityText;
  readonly random: () => number;
}

/** Keeps the gateway's certificate good. Its key stays; `rackwatch enroll --again` makes another one. */
export class Renewal {
  readonly #parts: RenewalParts;
  readonly #spread: number;
  #told: string | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
    this.#spread = parts.random() * spreadShare;
  }

  /** One look. Returns how long to wait for the next. */
  async step(signal: AbortSignal): Promise<number> {
    const { reader, clock, random } = this.#parts;
    const identity = this.#current();
    if (identity === undefined) return lookMs;
    const now = clock.now();
    // A clock that was never set says nothing of a certificate.
    if (now < identity.notBefore || now < this.#dueAt(identity)) {
      this.#tell(identity);
      return lookMs;
    }
    const reason = await this.#renew(identity, signal);
    const current = reason === undefined ? reader.current() : identity;
    if (current !== undefined) this.#tell(current, reason);
    return reason === undefined ? lookMs : lookMs * (0.5 + random() / 2);
  }

  /** Until the signal is aborted; `ticked` each 15 s of a wait. */
  async run(signal: AbortSignal, ticked: () => void): Promise<void> {
    while (!signal.aborted) {
      let waitMs = await this.step(signal);
      ticked();
      while (waitMs > 0 && !signal.aborted) {
        await this.#parts.clock.sleep(Math.min(waitMs, tickMs), signal).catch(() => undefined);
        waitMs -= tickMs;
        ticked();
      }
    }
  }

  #dueAt({ notBefore, notAfter }: Identity): EpochMs {
    return notBefore + (notAfter - notBefore) * (dueShare + this.#spread);
  }

  #current(): Identity | undefined {
    try {
      return this.#parts.reader.current();
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#parts.log.error("identity", { message: error.message, todo: error.todo });
      return undefined;
    }
  }

  /** Undefined when it went well, else why not. */
  async #renew(identity: Identity, signal: AbortSignal): Promise<string | undefined> {
    const { ask, keeper, log } = this.#parts;
    try {
      const { certificate: pem } = await ask(signal);
      const next = new X509Certificate(pem);
      const fits =
        next.checkPrivateKey(identity.key) && next.validToDate.getTime() > identity.notAfter;
      if (!fits || gatewayOfCertificate(next) !== identity.gateway) return "not this gateway's";
      keeper.replaceCertificate(pem);
      log.info("the gateway's certificate was renewed", { until: next.validToDate.toISOString() });
      return undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn("the gateway's certificate was not renewed", { message });
      return message;
    }
  }

  #tell({ gateway, serial, notAfter }: Identity, reason?: string): void {
    const leftMs = notAfter - this.#parts.clock.now();
    const days = Math.max(0, Math.floor(leftMs / dayMs));
    const problem =
      reason === undefined || leftMs > warnMs
        ? {}
        : { problem: this.#parts.text.endsSoon(days, reason) };
    const state = { gateway, serial, notAfter, ...problem };
    const said = JSON.stringify(state);
    if (said === this.#told) return;
    try {
      this.#parts.keeper.tell(state);
      this.#told = said;
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      this.#parts.log.warn("the state of the identity is not on disk", { reason: error.message });
    }
  }
}

/** A wait of an hour is told in such pieces, so that a watchdog sees that it is one. */
const tickMs = 15_000;
