import type { DriverContext } from "../contract.ts";
import type { Json } from "../protocol.ts";
import { type ScanEvent, untilAborted } from "../scan.ts";
import { Secret } from "../secret.ts";
import { browse, discover, type FoundVariable, type OfferedEndpoint } from "./browse.ts";
import { securityPolicies } from "./schema.ts";

export interface OpcUaScanOptions {
  /** `opc.tcp://host:4840`. */
  readonly endpoint: string;
  /** `none`, `sign-and-encrypt Basic256Sha256`; by default none where the server offers it. */
  readonly security?: string;
  readonly user?: string;
  readonly password?: string;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 4_000;

/** Points that are suggested: a person strikes out what is not wanted. The rest is counted. */
export const pointsSuggestedMax = 200;

/**
 * What security a server offers, and its variables as points. Reads only.
 * @throws RackwatchError as opening a channel does: a secured server must be trusted first, see `rackwatch opcua`.
 */
export function scanOpcUa(
  options: OpcUaScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  return untilAborted(look(options, context, signal), signal);
}

async function* look(
  { endpoint, user, password, timeoutMs = timeoutMsDefault, security: wanted }: OpcUaScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  const at = (done: number, now: string): ScanEvent => ({
    ...{ is: "progress", done, total: 2, now },
    leftMs: (2 - done) * timeoutMs,
  });
  yield at(0, `${endpoint} endpoints`);
  const offered = await discover({ endpoint, timeout: timeoutMs }, context, signal);
  for (const event of offersOf(endpoint, offered)) yield event;
  const name = wanted ?? preferred(offered.map(({ security }) => security));
  const security = securityOf(name);
  if (security === undefined) return;
  yield at(1, `${endpoint} variables, security ${name}`);
  const access = {
    ...{ endpoint, security, timeout: timeoutMs },
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: new Secret(password) }),
  };
  const found = await browse(access, context, signal);
  const points = pointsOf(found);
  if (found.length === 0) return;
  const rest = found.length - Object.keys(points).length;
  yield {
    is: "found",
    title: `OPC UA server ${endpoint}`,
    evidence: `${found.length} variables${rest > 0 ? `, of which ${rest} are not listed here` : ""}; with security ${name}`,
    channel: {
      ...{ driver: "opcua", endpoint },
      security: security.mode === "none" ? { mode: "none" } : security,
      ...(user === undefined ? {} : { user }),
      devices: { [idOf(new URL(endpoint.replace(/^opc\.tcp:/, "http:")).hostname)]: { points } },
    },
    ...(user === undefined ? {} : { needs: "password: !secret ..." }),
  };
}

function offersOf(endpoint: string, offered: readonly OfferedEndpoint[]): readonly ScanEvent[] {
  const names = [...new Set(offered.map(({ security }) => security))];
  const uri = offered[0]?.applicationUri ?? "?";
  return [
    {
      is: "found",
      title: `OPC UA endpoints of ${endpoint}`,
      evidence: `${uri} offers ${names.join(", ") || "nothing"}`,
    },
  ];
}

/** Without security nothing needs to be trusted first. */
function preferred(offered: readonly string[]): string {
  return offered.includes("none") ? "none" : (offered.find((it) => securityOf(it)) ?? "");
}

const modes = ["none", "sign", "sign-and-encrypt"] as const;

function securityOf(name: string) {
  const [mode = "", word] = name.split(" ");
  const known = modes.find((one) => one === mode);
  const policy = securityPolicies.find((one) => one === (word ?? "Basic256Sha256"));
  return known === undefined || policy === undefined ? undefined : { mode: known, policy };
}

/** By the last part of their path, or more of it where that is not unique. */
function pointsOf(found: readonly FoundVariable[]): { readonly [id: string]: Json } {
  const points = new Map<string, Json>();
  for (const variable of found.slice(0, pointsSuggestedMax)) {
    const { path, node } = variable;
    const parts = path.replaceAll(/\{[^}]*\}/g, "").split(/(?<!&)\//);
    let name = idOf(parts.at(-1) ?? "");
    if (points.has(name)) name = idOf(parts.slice(-2).join("-"));
    for (let number = 2; points.has(name); number += 1)
      name = `${idOf(parts.at(-1) ?? "").slice(0, 58)}-${number}`;
    points.set(name, { node });
  }
  return Object.fromEntries(points);
}

/** A name that may stand in YAML as an id. */
function idOf(text: string): string {
  const plain = text
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 63);
  return plain === "" ? "node" : plain;
}
