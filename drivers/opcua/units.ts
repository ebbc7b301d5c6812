import type { BrowsePathResult, ClientSession } from "node-opcua";
import type { PointKey } from "../contract.ts";
import type { Library } from "./library.ts";
import { kilogramsIn } from "./mass-unit.ts";
import type { Reader } from "./reader.ts";
import type { Watched } from "./subscription.ts";

/** Kilograms in the unit of each node, from its property EngineeringUnits; undefined when it has none or no mass. */
export async function readMassUnits(
  library: Library,
  session: ClientSession,
  reader: Reader,
  watched: readonly Watched[],
): Promise<ReadonlyMap<PointKey, number | undefined>> {
  if (watched.length === 0) return new Map();
  const results: BrowsePathResult[] = await session.translateBrowsePath(
    watched.map(({ nodeId }) => library.makeBrowsePath(nodeId, ".EngineeringUnits")),
  );
  const nodes = results.map((result) => result.targets?.[0]?.targetId ?? library.NodeId.nullNodeId);
  const values = await reader.values(nodes);
  return new Map(
    watched.map(({ target }, index) => [target.key, factorOf(values[index]?.value.value)]),
  );
}

function factorOf(units: unknown): number | undefined {
  if (typeof units !== "object" || units === null || !("unitId" in units)) return undefined;
  return typeof units.unitId === "number" ? kilogramsIn(units.unitId) : undefined;
}
