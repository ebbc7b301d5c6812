import type { DescribedFormat } from "./described-format.ts";
import type { ScaleCommand, ScaleProtocol, ScaleReading } from "./protocol.ts";

/** Every point that a scale may have; the last three are orders, written with true. */
export const scalePoints = [
  "weight",
  "stable",
  "net",
  "tare-weight",
  "unit",
  "status",
  "zero",
  "tare",
  "clear-tare",
] as const;
export type ScalePoint = (typeof scalePoints)[number];

/** What a language can tell and be told. */
export interface Abilities {
  /** Whether a scale says itself that the load rests, or that it moves. */
  readonly stable: boolean;
  readonly points: readonly ScalePoint[];
}

const orders = ["zero", "tare", "clear-tare"] as const satisfies readonly ScaleCommand[];
export type ScaleOrder = (typeof orders)[number];

/** Units of which every language knows at least one. */
const probeUnits = ["kg", "g", "lb"];

interface Says {
  readonly stable: boolean;
  readonly net: boolean;
  readonly tare: boolean;
}

/** Found out by weighings that say all that there is: what comes through the language is what it can say. */
export function abilitiesOf(protocol: ScaleProtocol): Abilities {
  const said = heard(protocol, { status: "ok", stable: true });
  const moving = heard(protocol, { status: "unstable", stable: false });
  return abilities(protocol, {
    stable: said?.stable !== undefined || moving?.status === "unstable",
    net: said?.net !== undefined,
    tare: said?.tare !== undefined,
  });
}

/** The same of a described scale: not every description can be written by. */
export function describedAbilitiesOf(protocol: ScaleProtocol, format: DescribedFormat): Abilities {
  const { stable, net, status, fields, pattern = "" } = format;
  return abilities(protocol, {
    stable: stable !== undefined || Object.values(status?.values ?? {}).includes("unstable"),
    net: net !== undefined,
    tare: fields?.tare !== undefined || pattern.includes("(?<tare>"),
  });
}

function abilities(protocol: ScaleProtocol, says: Says): Abilities {
  const has = (point: ScalePoint) => {
    if (point === "net") return says.net;
    if (point === "tare-weight") return says.tare;
    return isOrder(point) ? protocol.command(point) !== undefined : true;
  };
  return { stable: says.stable, points: scalePoints.filter(has) };
}

/** A point that is a command. */
export function isOrder(point: string): point is ScaleOrder {
  return orders.some((order) => order === point);
}

function heard(
  protocol: ScaleProtocol,
  state: Pick<ScaleReading, "status" | "stable">,
): ScaleReading | undefined {
  const options = { checksum: "auto" } as const;
  for (const unit of probeUnits) {
    const framer = protocol.createFramer(options);
    const load = { kind: "reading", weight: 1, unit, net: true, tare: 1, ...state } as const;
    for (const framed of [...framer.push(protocol.encode(load)), ...framer.idle()]) {
      const message = framed.ok ? protocol.parse(framed.bytes, options) : undefined;
      if (message?.kind === "reading") return message;
    }
  }
  return undefined;
}
