import { isAbsolute, resolve } from "node:path";
import { type Finding, finding, type Path } from "../problem.ts";
import type { Config } from "../schema/config.ts";
import type { Subject } from "./subject.ts";

type Settings = NonNullable<Config["sync"]>["uplinks"][string];
type BrokerSettings = Extract<Settings, { readonly broker: string }>;
type FindingCode = "sync/certificate-twice" | "sync/certificate-plain" | "sync/certificate-key";

/** Name of the road that `sync.central` itself describes. */
const reserved = "central";

/** Roads that would be taken for one another, or that cannot be gone. */
export function checkRoads({ config }: Subject): readonly Finding[] {
  const { sync, gateway } = config;
  if (sync === undefined) return [];
  const seen = new Map<string, string>();
  return Object.entries(sync.uplinks).flatMap(([name, settings]) => {
    const path = ["sync", "uplinks", name];
    const findings: Finding[] = [];
    if (name === reserved) findings.push(finding("sync/name-central", path, {}, { at: "key" }));
    findings.push(...settingFindings(settings, path));
    const same = identityOf(settings, gateway.id);
    if (same === undefined) return findings;
    const other = seen.get(same.key);
    if (other === undefined) seen.set(same.key, name);
    else findings.push(same.told([...path, same.at], other));
    return findings;
  });
}

function settingFindings(settings: Settings, path: Path): readonly Finding[] {
  if (settings.via === "file") {
    const got = settings.folder;
    return isAbsolute(got) ? [] : [finding("sync/folder-relative", [...path, "folder"], { got })];
  }
  if (settings.via === "http") return [];
  const { username, password } = settings;
  const alone = password !== undefined && username === undefined;
  return [
    ...(alone ? [finding("sync/password-alone", [...path, "password"], {}, { at: "key" })] : []),
    ...certificateFindings(settings, path),
  ];
}

function certificateFindings(
  { broker, certificateFile, keyFile, key, identity = false }: BrokerSettings,
  path: Path,
): readonly Finding[] {
  const keys = [keyFile, key].filter((it) => it !== undefined);
  const shown =
    certificateFile !== undefined ? "certificateFile" : keyFile === undefined ? "key" : "keyFile";
  const isGiven = certificateFile !== undefined || keys.length > 0;
  if (!isGiven && !identity) return [];
  const wrong = (code: FindingCode, at: string) => [
    finding(code, [...path, at], {}, { at: "key" }),
  ];
  if (identity && isGiven) return wrong("sync/certificate-twice", "identity");
  if (!broker.startsWith("mqtts:")) {
    return wrong("sync/certificate-plain", identity ? "identity" : shown);
  }
  const isPair = certificateFile !== undefined && keys.length === 1;
  return identity || isPair ? [] : wrong("sync/certificate-key", shown);
}

/** What no second road may have. */
function identityOf(settings: Settings, gatewayId: string) {
  if (settings.via === "file") {
    const folder = resolve(settings.folder);
    const told = (path: Path, other: string) =>
      finding("sync/folder-twice", path, { folder, other });
    return { key: `file ${folder}`, at: "folder", told };
  }
  if (settings.via !== "sparkplug") return undefined;
  const node = `${settings.group}/${settings.node ?? gatewayId}`;
  const told = (path: Path, other: string) => finding("sync/node-twice", path, { node, other });
  return { key: `sparkplug ${settings.broker} ${node}`, at: "group", told };
}
