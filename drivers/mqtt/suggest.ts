import { Payload } from "./payload.ts";
import type { Metric, SparkplugCodec } from "./sparkplug-payload.ts";
import { datatypes } from "./sparkplug-payload.ts";

/** The newest message that was heard on a topic. */
export interface HeardTopic {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface SuggestedDevice {
  /** Unique among the suggestions, fit for YAML. */
  readonly id: string;
  readonly family: "zigbee2mqtt" | "tasmota" | "shelly" | "sparkplug" | "json" | "plain";
  /** What stands below the device's id in YAML. */
  readonly settings: Readonly<Record<string, unknown>>;
}

type Suggestion = Omit<SuggestedDevice, "id"> & { readonly name: string };
type Json = Readonly<Record<string, unknown>>;

/** Points that are suggested for one device: whoever wants more of a large message names them. */
const pointsMax = 20;

/** Levels of JSON in which values are looked for. */
const depthMax = 4;

/** Topics on which no device speaks: our own, what bridges say of themselves, announcements for Home Assistant. */
const noDevice = /^(rackwatch|homeassistant|\$SYS)\/|^zigbee2mqtt\/bridge\/|^(stat|cmnd)\//;

/** Groups topics into devices as they would stand in a channel. Pure; the order is that of the topics. */
export function suggestDevices(
  heard: readonly HeardTopic[],
  codec: SparkplugCodec,
): readonly SuggestedDevice[] {
  const messages = new Map(heard.map(({ topic, payload }) => [topic, new Payload(payload)]));
  const found = new Map<string, Suggestion>();
  for (const { topic, payload } of heard) {
    if (noDevice.test(topic)) continue;
    const suggestion = topic.startsWith("spBv1.0/")
      ? sparkplugDevice(topic, payload, codec)
      : (tasmota(topic, messages) ?? shelly(topic, messages) ?? other(topic, messages));
    if (suggestion === undefined) continue;
    const known = found.get(suggestion.name);
    // Several plain topics below one name are one device with several points.
    if (known === undefined) found.set(suggestion.name, suggestion);
    else found.set(suggestion.name, merged(known, suggestion));
  }
  return withIds([...found.values()]);
}

function sparkplugDevice(
  topic: string,
  payload: Uint8Array,
  codec: SparkplugCodec,
): Suggestion | undefined {
  const [, group, type = "", node, device] = topic.split("/");
  if (!/^[ND]BIRTH$/.test(type) || group === undefined || node === undefined) return undefined;
  const metrics = codec.decode(payload)?.metrics ?? [];
  const points = metrics.flatMap((metric) => metricPoint(metric)).slice(0, pointsMax);
  if (points.length === 0) return undefined;
  const place = { group, node, ...(device === undefined ? {} : { device }) };
  const settings = { sparkplug: place, points: Object.fromEntries(points) };
  return { name: [group, node, device ?? ""].join("/"), family: "sparkplug", settings };
}

function metricPoint({ name, datatype = 0 }: Metric): readonly (readonly [string, Json])[] {
  if (name === undefined || name === "bdSeq" || /^(Node|Device) Control\//.test(name)) return [];
  const isText = datatype === datatypes.string || datatype === datatypes.text;
  const kind = datatype === datatypes.boolean ? "boolean" : isText ? "text" : "number";
  if (datatype > datatypes.text || datatype === datatypes.dateTime) return [];
  return [[slug(name), { metric: name, ...(kind === "number" ? {} : { kind }) }]];
}

function tasmota(topic: string, messages: ReadonlyMap<string, Payload>): Suggestion | undefined {
  const [, device] = /^tele\/([^/]+)\/(?:SENSOR|STATE|LWT)$/.exec(topic) ?? [];
  if (device === undefined) return undefined;
  const sensor = jsonOf(messages.get(`tele/${device}/SENSOR`));
  const name = `tele/${device}`;
  const known = ["AM2301", "DS18B20"].find((it) => Object.hasOwn(sensor, it));
  if (known !== undefined) {
    const template = `tasmota-${known.toLowerCase()}`;
    return { name, family: "tasmota", settings: { template, topic: device } };
  }
  if (messages.has(`stat/${device}/POWER`))
    return { name, family: "tasmota", settings: { template: "tasmota-relay", topic: device } };
  const { Time: _, ...values } = sensor;
  const points = pointsOf(values, "tele/{topic}/SENSOR");
  if (Object.keys(points).length === 0) return undefined;
  const availability = { topic: "tele/{topic}/LWT", online: "Online", offline: "Offline" };
  return { name, family: "tasmota", settings: { topic: device, availability, points } };
}

function shelly(topic: string, messages: ReadonlyMap<string, Payload>): Suggestion | undefined {
  const [, prefix] = /^(.+?)\/(?:events\/rpc|online|status\/[a-z]+:\d+)$/.exec(topic) ?? [];
  if (prefix === undefined) return undefined;
  // Others say online, too; what is not called shelly must have the rest as well.
  const isKnown = messages.has(`${prefix}/online`) && !topic.endsWith("/online");
  if (!isKnown && !prefix.startsWith("shelly")) return undefined;
  const template = messages.has(`${prefix}/status/switch:0`)
    ? "shelly-gen2-switch"
    : "shelly-gen2-climate";
  return { name: prefix, family: "shelly", settings: { template, topic: prefix } };
}

function other(topic: string, messages: ReadonlyMap<string, Payload>): Suggestion | undefined {
  if (/\/(availability|status|lwt|set|get)$/i.test(topic)) return undefined;
  const payload = messages.get(topic);
  const json = jsonOf(payload);
  if (Object.keys(json).length > 0) return jsonDevice(topic, json);
  const text = payload?.text();
  if (text?.ok !== true || !/^\s*[+-]?\d+(\.\d+)?\s*$/.test(text.value)) return undefined;
  const cut = topic.lastIndexOf("/");
  if (cut < 1) return { name: topic, family: "plain", settings: { topic, points: { value: {} } } };
  const leaf = topic.slice(cut + 1);
  const points = { [slug(leaf)]: { topic: `{topic}/${leaf}` } };
  return {
    name: topic.slice(0, cut),
    family: "plain",
    settings: { topic: topic.slice(0, cut), points },
  };
}

function jsonDevice(topic: string, json: Json): Suggestion | undefined {
  const isZigbee = Object.hasOwn(json, "linkquality");
  const family = isZigbee ? "zigbee2mqtt" : "json";
  const has = (...names: readonly string[]) => names.every((it) => Object.hasOwn(json, it));
  if (isZigbee && has("contact"))
    return { name: topic, family, settings: { template: "zigbee2mqtt-contact", topic } };
  if (isZigbee && has("temperature", "humidity"))
    return { name: topic, family, settings: { template: "zigbee2mqtt-climate", topic } };
  const points = pointsOf(json, undefined);
  if (Object.keys(points).length === 0) return undefined;
  return { name: topic, family, settings: { topic, points } };
}

/** The numbers and switches of a message as points. */
function pointsOf(json: Json, topic: string | undefined): Json {
  const leaves: [string, Json][] = [];
  const walk = (value: unknown, names: readonly string[]) => {
    if (leaves.length >= pointsMax || names.length > depthMax) return;
    if (typeof value === "number" || typeof value === "boolean") {
      const kind = typeof value === "boolean" ? { kind: "boolean" } : {};
      const place = topic === undefined ? {} : { topic };
      leaves.push([slug(names.join("-")), { ...place, path: pathText(names), ...kind }]);
      return;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    for (const [name, below] of Object.entries(value)) walk(below, [...names, name]);
  };
  walk(json, []);
  return Object.fromEntries(leaves);
}

function pathText(names: readonly string[]): string {
  return names
    .map((name, at) => {
      if (/[.[\]'"]/.test(name) || name === "")
        return `['${name.replaceAll(/[\\']/g, String.raw`\$&`)}']`;
      return at === 0 ? name : `.${name}`;
    })
    .join("");
}

function merged(known: Suggestion, more: Suggestion): Suggestion {
  const points = { ...recordOf(known.settings["points"]), ...recordOf(more.settings["points"]) };
  if (known.family !== more.family || Object.keys(points).length === 0) return known;
  return { ...known, settings: { ...known.settings, points } };
}

function withIds(suggestions: readonly Suggestion[]): readonly SuggestedDevice[] {
  const taken = new Set<string>();
  return suggestions.map(({ name, ...rest }) => {
    const parts = name.split("/").filter((part) => part !== "");
    const short = slug(parts.at(-1) ?? "");
    const long = slug(parts.join("-"));
    let id = taken.has(short) ? long : short;
    for (let number = 2; taken.has(id); number += 1) id = `${long.slice(0, 58)}-${number}`;
    taken.add(id);
    return { id, ...rest };
  });
}

/** A name that may stand in YAML as an id. */
function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/g, "");
  return plain === "" ? "device" : plain.slice(0, 63);
}

function jsonOf(payload: Payload | undefined): Json {
  const json = payload?.json();
  return json?.ok === true ? recordOf(json.value) : {};
}

function recordOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
