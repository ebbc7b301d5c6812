import { fileURLToPath } from "node:url";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, PointKey } from "../drivers/contract.ts";
import type { Broker } from "./broker/broker.ts";
import type { LocalAccount } from "./broker/local-account.ts";
import type { Panel } from "./panel/panel.ts";
import type { PanelSource } from "./panel/source.ts";
import { type Point, unitsOf } from "./point-book.ts";
import { Service } from "./runtime/service.ts";
import { productVersion } from "./runtime/version.ts";

export interface ServicesParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly source: PanelSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined where the broker is switched off. */
  readonly localBroker: LocalAccount | undefined;
}

export interface Services {
  readonly broker: Service<Broker>;
  readonly panel: Service<Panel>;
}

const screens = fileURLToPath(new URL("../dist/panel", import.meta.url));

/**
 * Broker and panel, not yet open. Their libraries are half of all that a gateway loads, so they are loaded when the
 * services open, which is after the channels, and never where they are switched off.
 */
export function createServices(parts: ServicesParts): Services {
  const { config, points, source, clock, log, localBroker: localAccount } = parts;
  const { language, id: gatewayId } = config.gateway;
  const broker = new Service("broker", config.broker.enabled, async () => {
    const { openBroker } = await import("./broker/broker.ts");
    const units = unitsOf(points);
    const own = { gatewayId, units, language, localAccount };
    return openBroker({ config: config.broker, clock, log, ...own });
  });
  const panel = new Service("panel", config.panel.enabled, async () => {
    const { openPanel } = await import("./panel/panel.ts");
    const version = productVersion();
    return openPanel({
      config: config.panel,
      source,
      clock,
      log,
      webDir: screens,
      version,
      language,
    });
  });
  return { broker, panel };
}
