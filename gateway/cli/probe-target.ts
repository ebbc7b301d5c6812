import { resolve } from "node:path";
import { channelYaml, exampleChannel } from "../../config/example-channel.ts";
import type { Language } from "../../config/language/language.ts";
import { type LoadOptions, type LoadResult, loadConfig, loadText } from "../../config/load.ts";
import { headline } from "../../config/report.ts";
import type { ChannelConfig } from "../../config/schema/config.ts";
import { suggest } from "../../config/suggest.ts";
import type { Driver } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { drivers } from "../../drivers/index.ts";
import { findProtocol } from "../../drivers/protocols.ts";

/** What is probed: a channel with no more than one device in it. */
export interface ProbeTarget {
  readonly device: string;
  /** Only this one of its points; undefined: all. */
  readonly point: string | undefined;
  readonly channel: ChannelConfig;
  readonly driver: Driver;
}

export interface TargetOptions {
  readonly config: string;
  readonly driver?: string | undefined;
  readonly protocol?: string | undefined;
  readonly template?: string | undefined;
  readonly unitId?: string | undefined;
  readonly register?: string | undefined;
  /** Settings of the channel that stands in no file. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

/**
 * A device of the configuration (`cold-2`, `cold-2/temperature`), or an address for which there is no configuration yet.
 * @throws RackwatchError `config/invalid`.
 */
export function probeTarget(
  word: string,
  options: TargetOptions,
  load: LoadOptions,
  language: Language,
): ProbeTarget {
  const isAddress = /^(serial:|tcp:\/\/|tls:\/\/|opc\.tcp:\/\/)/.test(word);
  const result = isAddress
    ? loadText(adHocText(word, options), "command line", load)
    : loadFor(word.split("/")[0] ?? "", resolve(load.folder ?? "", options.config), load);
  const channels = channelsOf(result, options.config, language);
  const [asked = "", point] = isAddress ? ["device"] : word.split("/");
  const found = Object.values(channels).find(({ devices }) => Object.hasOwn(devices, asked));
  const driver = drivers.find(({ name }) => name === found?.driver);
  if (found === undefined || driver === undefined) throw unknownDevice(asked, channels);
  const target: ProbeTarget = {
    device: asked,
    point,
    channel: { ...found, devices: { [asked]: found.devices[asked] } },
    driver,
  };
  if (found["broker"] === "local") throw localBroker(asked);
  const names = driver.describe(target.channel).map(({ key }) => key.slice(asked.length + 1));
  if (point !== undefined && !names.includes(point)) throw unknownPoint(asked, point, names);
  return target;
}

/** Secrets of other channels are no reason to refuse: whoever probes a scale need not know the broker's password. */
function loadFor(device: string, file: string, load: LoadOptions): LoadResult {
  const demanded = loadConfig(file, load);
  if (demanded.ok) return demanded;
  const errors = demanded.problems.filter(({ severity }) => severity === "error");
  if (!errors.every(({ code }) => code.startsWith("secret/"))) return demanded;
  const without = loadConfig(file, { ...load, secrets: "substitute" });
  if (!without.ok) return demanded;
  const channels = Object.entries(without.config.channels);
  const [id] = channels.find(([, { devices }]) => Object.hasOwn(devices, device)) ?? [];
  return errors.some(({ path }) => path.startsWith(`channels.${id}.`)) ? demanded : without;
}

function channelsOf(result: LoadResult, file: string, language: Language) {
  if (result.ok) return result.config.channels;
  const errors = result.problems.filter(({ severity }) => severity === "error");
  throw new RackwatchError(
    "config/invalid",
    errors.map((problem) => headline(problem, language)).join("\n"),
    { todo: `\`rackwatch check ${file}\` shows the lines` },
  );
}

/** The configuration that somebody would write for this address. @throws RackwatchError `config/invalid`. */
function adHocText(address: string, options: TargetOptions): string {
  const { template, unitId, register, set } = options;
  const protocol = options.protocol === undefined ? undefined : findProtocol(options.protocol);
  if (options.protocol !== undefined && protocol === undefined)
    throw new RackwatchError("config/invalid", `There is no language "${options.protocol}"`, {
      todo: "`rackwatch devices` lists them",
    });
  const guessed = address.startsWith("opc.tcp:") ? "opcua" : protocol?.driver;
  const driver = options.driver ?? guessed ?? (unitId === undefined ? undefined : "modbus");
  if (driver === undefined)
    throw new RackwatchError("config/invalid", "An address alone does not say what is there", {
      where: address,
      todo: "Add --protocol mt-sics, or --driver modbus --template xy-md02; `rackwatch scan` finds out",
    });
  const isWord = driver === "scale" || driver === "rfid";
  const base = exampleChannel(driver, {
    ...{ port: address, device: "device" },
    ...(template === undefined ? {} : { id: template }),
    ...(isWord && protocol !== undefined ? { protocol: protocol.name } : {}),
  });
  const own = deviceOf(unitId, register);
  const devices = Object.entries(Object(base["devices"])).map(([id, device]) => [
    id,
    { ...Object(device), ...own },
  ]);
  const mode = protocol?.name === "modbus-rtu" && address.startsWith("tcp:");
  const channel = {
    ...base,
    ...(mode ? { mode: "rtu-over-tcp" } : {}),
    ...Object.fromEntries(set.map(([name, value]) => [name, scalarOf(value)])),
    devices: Object.fromEntries(devices),
  };
  return `version: 1\ngateway: { id: probe, name: probe, timezone: UTC }\n${channelYaml("probe", channel)}`;
}

function deviceOf(unitId: string | undefined, register: string | undefined) {
  const unit = unitId === undefined ? {} : { unitId: scalarOf(unitId) };
  if (register === undefined) return unit;
  const [table = "", address = "", type = "uint16"] = register.split(":");
  const points = { register: { table, address: scalarOf(address), type } };
  return { ...unit, points };
}

function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function localBroker(device: string): RackwatchError {
  return new RackwatchError("config/invalid", `${device} publishes to the gateway's own broker`, {
    todo: "That broker belongs to the running gateway: its panel shows the values; any MQTT client can listen with a user of broker.users",
  });
}

function unknownDevice(
  asked: string,
  channels: Readonly<Record<string, ChannelConfig>>,
): RackwatchError {
  const known = Object.values(channels).flatMap(({ devices }) => Object.keys(devices));
  const near = suggest(asked, known);
  return new RackwatchError("config/invalid", `There is no device "${asked}"`, {
    todo: near === "" ? `There are: ${known.join(", ")}` : `Did you mean ${near}?`,
  });
}

function unknownPoint(device: string, point: string, known: readonly string[]): RackwatchError {
  const near = suggest(point, known);
  return new RackwatchError("config/invalid", `${device} has no point "${point}"`, {
    todo: near === "" ? `It has: ${known.join(", ")}` : `Did you mean ${near}?`,
  });
}
