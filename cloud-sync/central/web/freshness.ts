import type { GatewayRow } from "../api.ts";
import { quietAfterMs } from "../quiet.ts";

/** How lately a gateway was heard of. */
export type Freshness = "live" | "quiet" | "silent" | "stopped" | "new";

/** Central itself says who is silent: it measures by a clock that nobody sets. */
export function freshnessOf(
  { state, lastContactAt }: Pick<GatewayRow, "state" | "lastContactAt">,
  now: number,
): Freshness {
  if (state === "silent" || state === "stopped") return state;
  if (state === "never" || lastContactAt === undefined) return "new";
  return now - lastContactAt < quietAfterMs ? "live" : "quiet";
}

export function nameOf(gateway: Pick<GatewayRow, "id" | "name">): string {
  return gateway.name ?? gateway.id;
}
