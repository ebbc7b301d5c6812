import mqtt, { type MqttClient } from "mqtt";
import sparkplug from "sparkplug-payload";
import { z } from "zod";

/** The decoder gives 64-bit numbers as objects of its own. */
const long = z.unknown().transform((it) => (it == null ? undefined : Number(String(it))));
const propertySchema = z.object({ value: z.unknown() });
const metricSchema = z.object({
  name: z.string().nullish(),
  alias: long.optional(),
  timestamp: long.optional(),
  type: z.string().optional(),
  value: z.unknown(),
  isHistorical: z.boolean().nullish(),
  isNull: z.boolean().nullish(),
  properties: z.record(z.string(), propertySchema).nullish(),
});
const payloadSchema = z.object({
  timestamp: long.optional(),
  seq: long.optional(),
  metrics: z.array(metricSchema).nullish(),
});

export interface HeardMetric {
  readonly name: string;
  readonly device: string;
  readonly type: string | undefined;
  readonly value: unknown;
  readonly timestamp: number | undefined;
  readonly isHistorical: boolean;
  readonly isNull: boolean;
  readonly quality: unknown;
  readonly unit: unknown;
}

export interface Heard {
  readonly type: string;
  readonly node: string;
  readonly device: string;
  readonly seq: number | undefined;
  readonly metrics: readonly HeardMetric[];
}

/** A SCADA host that reads payloads by a decoder that is not ours. Unknown aliases are errors of the test. */
export async function scada(port: number, group: string, host?: string) {
  const client: MqttClient = mqtt.connect({
    ...{ host: "127.0.0.1", port, protocol: "mqtt", protocolVersion: 4, reconnectPeriod: 100 },
  });
  const messages: Heard[] = [];
  const names = new Map<string, { readonly name: string; readonly device: string }>();
  const nameless: string[] = [];
  const codec = sparkplug.get("spBv1.0");
  if (codec === null || codec === undefined) throw new Error("no decoder");
  client.on("error", () => undefined);
  client.on("message", (topic, payload) => {
    const [, inGroup, type = "", node = "", device = ""] = topic.split("/");
    if (inGroup !== group || type === "NCMD") return;
    const { seq, metrics } = payloadSchema.parse(codec.decodePayload(payload));
    if (type === "NBIRTH")
      for (const key of names.keys()) if (key.startsWith(`${node}/`)) names.delete(key);
    const heard = (metrics ?? []).map((metric): HeardMetric => {
      const key = `${node}/${String(metric.alias)}`;
      const given = metric.name ?? undefined;
      if (given !== undefined && typeof metric.alias === "number" && type.endsWith("BIRTH")) {
        names.set(key, { name: given, device });
      }
      const known = given === undefined ? names.get(key) : { name: given, device };
      if (known === undefined || known.device !== device) nameless.push(`${topic} ${key}`);
      return {
        name: known?.name ?? "",
        device,
        type: metric.type,
        value: metric.value,
        timestamp: metric.timestamp,
        isHistorical: metric.isHistorical === true,
        isNull: metric.isNull === true || metric.value === null,
        quality: metric.properties?.["Quality"]?.value,
        unit: metric.properties?.["engUnit"]?.value,
      };
    });
    messages.push({ type, node, device, seq, metrics: heard });
  });
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  await client.subscribeAsync(`spBv1.0/${group}/#`, { qos: 1 });
  const state = (online: boolean, timestamp: number) =>
    client.publishAsync(`spBv1.0/STATE/${host ?? ""}`, JSON.stringify({ online, timestamp }), {
      qos: 1,
      retain: true,
    });
  // A broker that begins anew has forgotten who listens and which host is there.
  let known: readonly [online: boolean, timestamp: number] | undefined;
  const say = (online: boolean, timestamp: number) => {
    known = [online, timestamp];
    return state(online, timestamp);
  };
  const greet = async () => {
    await client.subscribeAsync(`spBv1.0/${group}/#`, { qos: 1 });
    if (known !== undefined) await say(known[0], known[1] + 1);
  };
  client.on("connect", () => void greet());
  return {
    messages,
    nameless,
    state: say,
    /** Values of a metric in data messages, in the order in which they came. */
    values: (device: string, name: string) =>
      messages
        .filter((message) => message.type.endsWith("DATA"))
        .flatMap((message) => message.metrics)
        .filter((metric) => metric.device === device && metric.name === name),
    command: (node: string, metric: { readonly name: string; readonly value: boolean }) =>
      client.publishAsync(
        `spBv1.0/${group}/NCMD/${node}`,
        Buffer.from(
          codec.encodePayload({
            timestamp: Date.now(),
            metrics: [{ ...metric, type: "Boolean", timestamp: Date.now() }],
          }),
        ),
      ),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}
