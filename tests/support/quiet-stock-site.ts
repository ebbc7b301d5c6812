import { StockClient } from "./stock-client.ts";
import {
  type StockGateway,
  type StockSite,
  startStockGateway,
  stockDevices,
} from "./stock-world.ts";

/** A gateway whose devices are silent, with a viewer, an operator, a supervisor and somebody of quality. */
export async function quietSite(cleanup: AsyncDisposableStack, site: StockSite) {
  const devices = cleanup.use(await stockDevices(site.startAt, 0));
  const gateway = await startStockGateway(site, devices);
  cleanup.defer(() => gateway.stop());
  const client = new StockClient(gateway.panel);
  await client.begin(gateway.panel.setupCode, {
    vera: ["viewer"],
    otto: ["operator"],
    susan: ["supervisor"],
    quinn: ["quality"],
  });
  await gateway.unplug();
  return { devices, gateway, client };
}

/** How often each warning of stock was raised since the beginning, by what it is about. */
export function raisedTimes({ events }: Pick<StockGateway, "events">): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { kind, body } of events()) {
    const { rule, cause } = body;
    if (kind !== "alarm" || typeof rule !== "string" || cause !== "violated") continue;
    if (!rule.startsWith("stock:")) continue;
    const key = decodeURIComponent(rule.slice("stock:".length));
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return times;
}
