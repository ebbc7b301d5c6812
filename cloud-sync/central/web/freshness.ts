import type { GatewayRow } from "../api.ts";

/** How lately a gateway was heard of. */
export type Freshness = "live" | "quiet" | "silent" | "new";

/** An agent that works speaks at least once in this time. */
const quietAfterMs = 2 * 60_000;

/** From here on somebody should look: a short loss of the network is over by then. */
const silentAfterMs = 15 * 60_000;

export function freshnessOf(gateway: Pick<GatewayRow, "lastContactAt">, now: number): Freshness {
  if (gateway.lastContactAt === undefined) return "new";
  const quietMs = now - gateway.lastContactAt;
  if (quietMs < quietAfterMs) return "live";
  return quietMs < silentAfterMs ? "quiet" : "silent";
}

const rank: Readonly<Record<Freshness, number>> = { silent: 0, quiet: 1, live: 2, new: 3 };

/** Gateways that need somebody first: with alarms, then silent ones, then by name. */
export function byNeed(a: GatewayRow, b: GatewayRow, now: number): number {
  return (
    Math.sign(b.activeAlarms) - Math.sign(a.activeAlarms) ||
    rank[freshnessOf(a, now)] - rank[freshnessOf(b, now)] ||
    nameOf(a).localeCompare(nameOf(b))
  );
}

export function nameOf(gateway: Pick<GatewayRow, "id" | "name">): string {
  return gateway.name ?? gateway.id;
}
