import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";
import { datatypes, type Metric } from "../../drivers/mqtt/sparkplug-payload.ts";

/** First level of all topics. [Sparkplug B 3.0.0, 4.1] */
const namespace = "spBv1.0";

export type MessageType = "NBIRTH" | "NDATA" | "NDEATH" | "NCMD" | "DBIRTH" | "DDATA" | "DCMD";

export function sparkplugTopic(group: string, type: MessageType, node: string, device?: string) {
  return [namespace, group, type, node, ...(device === undefined ? [] : [device])].join("/");
}

/** Topics of one group; `+` for every node. */
export function groupTopics(group: string): readonly string[] {
  const types = ["NBIRTH", "NDATA", "NDEATH"].map((type) => `${namespace}/${group}/${type}/+`);
  const devices = ["DBIRTH", "DDATA", "DDEATH"].map((type) => `${namespace}/${group}/${type}/+/+`);
  return [...types, ...devices];
}

/** Undefined: not a topic of that group. */
export function parseSparkplugTopic(group: string, topic: string) {
  const [first, inGroup, type, node, device, ...rest] = topic.split("/");
  if (first !== namespace || inGroup !== group || !type || !node || rest.length > 0)
    return undefined;
  return { type, node, device };
}

export function stateTopic(host: string): string {
  return `${namespace}/STATE/${host}`;
}

const stateSchema = z.object({ online: z.boolean(), timestamp: z.number() });
export type HostState = z.infer<typeof stateSchema>;

export function stateBytes(state: HostState): Uint8Array {
  return Buffer.from(JSON.stringify(state));
}

/**
 * What a STATE message makes of what was known: one that is older changes nothing, as the will of a connection that ended long
 * ago. [tck-id-operational-behavior-edge-node-birth-sequence-wait]
 */
export function hostStateAfter(known: HostState | undefined, payload: Uint8Array) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return known;
  }
  const state = stateSchema.safeParse(parsed).data;
  if (state === undefined) return known;
  return known !== undefined && state.timestamp < known.timestamp ? known : state;
}

/** Births and deaths belong together by this number; it goes up with each connection. */
export function bdSeqMetric(bdSeq: number, at: EpochMs): Metric {
  return { name: "bdSeq", timestamp: Math.round(at), datatype: datatypes.int64, value: bdSeq };
}

export const rebirthMetric = "Node Control/Rebirth";

/** Carries `<gateway>/<kind>/<id>`; the payload's body is the sealed letter. */
export const letterMetric = "Rackwatch/Letter";

/** Carries the id of the letter; the payload's body is the sealed answer. */
export const answerMetric = "Rackwatch/Answer";
