import { type Finding, finding } from "../problem.ts";
import { suggest } from "../suggest.ts";
import type { Subject } from "./subject.ts";

/** Time zone and listening addresses. */
export function checkGateway({ config }: Subject): readonly Finding[] {
  return [...timezoneFindings(config.gateway.timezone), ...listenFindings(config)];
}

function timezoneFindings(got: string): readonly Finding[] {
  const names = Intl.supportedValuesOf("timeZone");
  // Making a format loads 8 MB that nothing else in the gateway needs: only an alias such as Asia/Chongqing is worth it.
  if (got === "UTC" || names.includes(got)) return [];
  try {
    new Intl.DateTimeFormat("en", { timeZone: got });
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const suggestion = suggest(got, names);
  return [finding("gateway/timezone", ["gateway", "timezone"], { got, suggestion })];
}

function listenFindings({ panel, broker }: Subject["config"]): readonly Finding[] {
  const findings: Finding[] = [];
  const panelAt = split(panel.listen);
  const brokerAt = split(broker.listen);
  const where = { severity: "warning" } as const;
  const overlaps =
    panelAt.host === brokerAt.host || isEverywhere(panelAt.host) || isEverywhere(brokerAt.host);
  // Port 0 is whichever is free.
  if (panel.enabled && broker.enabled && panelAt.port === brokerAt.port && overlaps) {
    const params = { address: broker.listen, other: "panel.listen" };
    if (panelAt.port !== 0) findings.push(finding("listen/twice", ["broker", "listen"], params));
  }
  if (broker.enabled && !isLoopback(brokerAt.host) && Object.keys(broker.users).length === 0) {
    findings.push(finding("listen/broker-open", ["broker", "listen"], {}, where));
  }
  if (panel.enabled && isEverywhere(panelAt.host) && panel.allowedHosts.length === 0) {
    findings.push(finding("listen/panel-open", ["panel", "listen"], {}, where));
  }
  return findings;
}

function split(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(":");
  const host = listen
    .slice(0, colon)
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  return { host: host === "localhost" ? "127.0.0.1" : host, port: Number(listen.slice(colon + 1)) };
}

function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "*";
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
