import { fileURLToPath } from "node:url";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, PointKey } from "../drivers/contract.ts";
import type { Broker } from "./broker/broker.ts";
import type { LocalAccount } from "./broker/local-account.ts";
import type { Panel } from "./panel/panel.ts";
import type { PanelSource } from "./panel/source.ts";
import type { Point } from "./point-book.ts";
import { Service } from "./runtime/service.ts";
import { productVersion } from "./runtime/version.ts";

export interface ServicesParts {
  /** As it is at the time of a question: a service that is opened again has other settings. */
  readonly now: () => {
    readonly config: Config;
    readonly points: ReadonlyMap<PointKey, Pick<Point, "unit">>;
  };
  readonly source: PanelSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly localBroker: LocalAccount;
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
  const { now, source, clock, log, localBroker: localAccount } = parts;
  const brokerEnabled = () => now().config.broker.enabled;
  const broker = new Service("broker", brokerEnabled, async () => {
    const { openBroker } = await import("./broker/broker.ts");
    const { gateway, broker: config } = now().config;
    const units = { get: (point: PointKey) => now().points.get(point)?.unit };
    const own = { gatewayId: gateway.id, language: gateway.language, units, localAccount };
    return openBroker({ config, clock, log, ...own });
  });
  const panelEnabled = () => now().config.panel.enabled;
  const panel = new Service("panel", panelEnabled, async () => {
    const { openPanel } = await import("./panel/panel.ts");
    const { gateway, panel: config } = now().config;
    const own = { webDir: screens, version: productVersion(), language: gateway.language };
    return openPanel({ config, source, clock, log, ...own });
  });
  return { broker, panel };
}
