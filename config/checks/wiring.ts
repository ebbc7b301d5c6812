import type { Claim } from "../../drivers/contract.ts";
import { type Finding, finding, type Path, pathText } from "../problem.ts";
import { gatewayDevice, type Subject } from "./subject.ts";

/** What channels occupy: lines, addresses, unit ids, device names. */
export function checkWiring(subject: Subject): readonly Finding[] {
  return [
    ...claimFindings(subject.claims.map(place)),
    ...deviceFindings(subject),
    ...subject.claims.map(place).flatMap(unstableName),
    ...emptyFindings(subject),
  ];
}

interface PlacedClaim {
  readonly claim: Claim;
  readonly path: Path;
}

function place({ channel, claim }: Subject["claims"][number]): PlacedClaim {
  return { claim, path: ["channels", channel, ...claim.path] };
}

function claimFindings(claims: readonly PlacedClaim[]): readonly Finding[] {
  const first = new Map<string, PlacedClaim>();
  return claims.flatMap((mine) => {
    const { resource, exclusive, settings = "" } = mine.claim;
    const theirs = first.get(resource);
    if (theirs === undefined) {
      first.set(resource, mine);
      return [];
    }
    const other = pathText(theirs.path);
    const otherSettings = theirs.claim.settings ?? "";
    if (settings !== otherSettings) {
      const params = { resource, other, mine: settings, theirs: otherSettings };
      return [finding("claim/settings", mine.path, params)];
    }
    if (!exclusive && !theirs.claim.exclusive) return [];
    return [finding("claim/exclusive", mine.path, { resource, other })];
  });
}

function deviceFindings({ devices }: Subject): readonly Finding[] {
  const first = new Map<string, Path>();
  return devices.flatMap(({ id, path }) => {
    if (id === gatewayDevice) return [finding("device/reserved", path, {}, { at: "key" })];
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, path);
      return [];
    }
    const params = { device: id, other: pathText(other) };
    return [finding("device/twice", path, params, { at: "key" })];
  });
}

function unstableName({ claim, path }: PlacedClaim): readonly Finding[] {
  // The kernel numbers USB adapters in the order in which it meets them.
  const [port] = /\/dev\/tty(USB|ACM)\d+$/.exec(claim.resource) ?? [];
  if (port === undefined) return [];
  return [finding("port/unstable-name", path, { port }, { severity: "warning" })];
}

function emptyFindings({ channels }: Subject): readonly Finding[] {
  if (channels.length > 0) return [];
  return [finding("channels/none", [], {}, { severity: "warning" })];
}
