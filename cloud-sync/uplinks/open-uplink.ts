import { readFileSync } from "node:fs";
import type { SyncText } from "../../config/language/sync.ts";
import type { Road, RoadSettings } from "../../config/roads.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AgentOutbox } from "../../gateway/store/store.ts";
import { roadCredentials } from "../identity/road-credentials.ts";
import { certificateFor } from "./broker-certificate.ts";
import { HttpUplink } from "./http.ts";
import type { Uplink } from "./uplink.ts";

export interface OpenUplinkParts {
  readonly gatewayId: string;
  readonly dataDir: string;
  readonly text: SyncText;
  readonly clock: Clock;
  readonly log: Log;
  /** Points and their newest values, for births of Sparkplug. */
  readonly outbox?: AgentOutbox;
  /** Of one request; a test shortens it. */
  readonly deadlineMs?: number;
}

/** Roads on which each request has an answer. */
export type AnsweringSettings = Exclude<RoadSettings, { readonly via: "file" }>;

/**
 * The way that a road says. What only brokers need is loaded only for them.
 * @throws RackwatchError `sync/not-enrolled`; `sync/certificate` when a CA file cannot be read.
 */
export async function openUplink(
  { name, settings }: Road & { readonly settings: AnsweringSettings },
  parts: OpenUplinkParts,
): Promise<Uplink & AsyncDisposable> {
  const { gatewayId, text, deadlineMs } = parts;
  const { caFile } = settings;
  if (settings.via === "sparkplug") {
    const { openSparkplugUplink } = await import("./sparkplug-uplink.ts");
    const { birthPointsOf } = await import("./sparkplug-metrics.ts");
    const { outbox } = parts;
    return openSparkplugUplink(settings, {
      ...parts,
      certificate: certificateFor(settings, { ...parts, road: name }),
      // A host of SCADA asks for no seal.
      ...(settings.central ? { keys: roadCredentials({ name, settings }, parts).keys } : {}),
      ...(outbox === undefined ? {} : { points: () => birthPointsOf(outbox) }),
    });
  }
  const credentials = roadCredentials({ name, settings }, parts);
  if (settings.via === "mqtt") {
    const { openMqttUplink } = await import("./mqtt-uplink.ts");
    const certificate = certificateFor(settings, { ...parts, road: name });
    return openMqttUplink(settings, { ...parts, keys: credentials.keys, certificate });
  }
  const ca = caFile === undefined ? undefined : readCa(name, caFile, text);
  const uplink = new HttpUplink({
    central: settings.central,
    gatewayId,
    text,
    ...(credentials.token === undefined ? {} : { credentials: credentials.token }),
    ...(credentials.identity === undefined ? {} : { identity: credentials.identity }),
    ...(ca === undefined ? {} : { ca }),
    ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  return Object.assign(uplink, {
    [Symbol.asyncDispose]: async () => uplink[Symbol.dispose](),
  });
}

function readCa(road: string, file: string, text: SyncText): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { message, todo } = text.certificate(file, `caFile of ${road}`);
    throw new RackwatchError("sync/certificate", message, { where: file, todo, cause });
  }
}
