import { z } from "zod";
import type { Clock, EpochMs, Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Queries } from "../database/database.ts";
import type { DatabaseLink } from "../database-link.ts";
import type { OpenSockets } from "./open-sockets.ts";

/** A revoked gateway's connections are cut within so long; its next request is refused at once. */
export const revocationLookMs = 5_000;

/** A revocation counts from the begin of its transaction, which may have ended that much later. */
const overlapMs = 60_000;

const revokedSchema = z.object({
  gateway: z.string(),
  serial: z.string().nullable(),
});

export interface IdentityWatchParts {
  readonly link: DatabaseLink;
  readonly sockets: OpenSockets;
  /** Looks for another certificate of central's own; absent: a proxy ends TLS. */
  readonly reloadTls?: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Cuts connections of what was revoked, at this receiver or at another. */
export class IdentityWatch {
  readonly #parts: IdentityWatchParts;
  /** By the database's clock; undefined before the first look. */
  #since: EpochMs | undefined;

  constructor(parts: IdentityWatchParts) {
    this.#parts = parts;
  }

  /** One look. A database that is gone is asked again: what was revoked meanwhile is found then. */
  async step(): Promise<void> {
    const { link, sockets, reloadTls, log } = this.#parts;
    reloadTls?.();
    try {
      const revoked = await link.use(({ database }) => this.#look(database));
      if (revoked.length === 0) return;
      const gateways = new Set(revoked.flatMap((it) => (it.serial === null ? [it.gateway] : [])));
      const serials = new Set(revoked.map((it) => `${it.gateway} ${it.serial}`));
      const cut = sockets.cut(
        ({ gateway, serial }) => gateways.has(gateway) || serials.has(`${gateway} ${serial}`),
      );
      if (cut > 0) log.warn("connections of what was revoked are cut", { connections: cut });
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
    }
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step();
      await this.#parts.clock.sleep(revocationLookMs, signal).catch(() => undefined);
    }
  }

  async #look(queries: Queries) {
    const [clock] = await queries.query("SELECT (extract(epoch from now()) * 1000)::float8 AS now");
    const now = Number(clock?.["now"]);
    const since = new Date((this.#since ?? now) - overlapMs);
    const rows = await queries.query(
      `SELECT gateway, NULL AS serial FROM gateway WHERE revoked_at > $1
       UNION ALL SELECT gateway, serial FROM certificate WHERE revoked_at > $1`,
      [since],
    );
    this.#since = now;
    return rows.map((row) => revokedSchema.parse(row));
  }
}
