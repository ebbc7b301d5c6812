import { hostname, networkInterfaces } from "node:os";

/** The names by which this machine is reached: its addresses change with the network, so they are read each time. */
export function machineNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((it) => it ?? []);
  const name = hostname();
  return [name, `${name}.local`, ...addresses.map(({ address }) => address)];
}

export interface Asked {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. */
  readonly site: string | undefined;
}

export interface HostRules {
  /** Host part of `panel.listen`. */
  readonly listenHost: string;
  /** `panel.allowedHosts`. */
  readonly allowed: readonly string[];
  readonly machine: readonly string[];
}

/** Listening on all addresses; no browser needs them as a name, but pages of other sites have used them. */
const wildcards: readonly string[] = ["0.0.0.0", "::"];

const readMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a request was meant for this panel. A foreign name in `Host` is DNS rebinding; a foreign `Origin` on a
 * request that changes something is another site's page. Ports count for the origin only: SameSite cookies ignore them.
 */
export function judge(asked: Asked, rules: HostRules): "ok" | "foreign-host" | "foreign-origin" {
  const name = nameOf(asked.host ?? "");
  if (name === undefined || !isOurs(name, rules)) return "foreign-host";
  if (readMethods.includes(asked.method)) return "ok";
  if (asked.site !== undefined && asked.site !== "same-origin" && asked.site !== "none") {
    return "foreign-origin";
  }
  return asked.origin === undefined || isOwnOrigin(asked.origin, asked.host ?? "", rules)
    ? "ok"
    : "foreign-origin";
}

function isOwnOrigin(origin: string, host: string, { allowed }: HostRules): boolean {
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  // A reverse proxy may put its own name for us into Host; the operator has named it then.
  return from.host === host.toLowerCase() || listed(allowed, from.hostname);
}

function isOurs(name: string, { listenHost, allowed, machine }: HostRules): boolean {
  const own = wildcards.includes(listenHost) ? [] : [listenHost];
  return listed(["localhost", "127.0.0.1", "::1", ...own, ...allowed, ...machine], name);
}

function listed(names: readonly string[], name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, "");
  return names.some((it) => it.toLowerCase() === bare);
}

/** The name of a Host header without its port. */
function nameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::\d{1,5})?$/i.exec(host);
  return match?.[1]?.replace(/^\[|\]$/g, "").toLowerCase();
}
