import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { syncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { Secret } from "../../drivers/secret.ts";
import { type CommandIo, terminalLanguage } from "../../gateway/cli/command.ts";
import type { RoadsOptions } from "../central/roads/open-roads.ts";
import { type BrokerCertificateSource, readPair } from "../uplinks/broker-certificate.ts";
import { credentialFile, secretFrom } from "./central-place.ts";

interface Given {
  readonly mqtt?: string | undefined;
  readonly mqttPrefix: string;
  readonly mqttCa?: string | undefined;
  readonly mqttCert?: string | undefined;
  readonly mqttKey?: string | undefined;
  readonly sparkplugGroup?: string | undefined;
  readonly sparkplugHost: string;
}

/**
 * The broker that central reads from; empty when none was named. The password is in the address, or the systemd credential
 * `mqtt-password`, or RACKWATCH_MQTT_PASSWORD.
 * @throws RackwatchError `config/invalid`; `sync/certificate`: what is to be shown to the broker cannot be used.
 */
export function brokerOf(io: CommandIo, given: Given): { readonly roads?: RoadsOptions } {
  const address = given.mqtt ?? secretFrom(io, "mqtt", "RACKWATCH_MQTT");
  if (address === undefined) return withoutBroker(given);
  const url = URL.parse(address);
  if (url === null || !/^mqtts?:$/.test(url.protocol) || url.hostname === "") {
    // The address itself may hold a password.
    throw wrong(
      "the broker's address is none",
      "give it as mqtt://HOST:1883 or mqtts://HOST:8883",
      {
        where: given.mqtt === undefined ? "RACKWATCH_MQTT" : "--mqtt",
      },
    );
  }
  const username = url.username === "" ? undefined : decodeURIComponent(url.username);
  const password =
    url.password === ""
      ? secretFrom(io, "mqtt-password", "RACKWATCH_MQTT_PASSWORD")
      : decodeURIComponent(url.password);
  const { sparkplugGroup, sparkplugHost, mqttPrefix, mqttCa } = given;
  for (const name of [mqttPrefix, sparkplugHost, sparkplugGroup ?? "group"]) checkLevel(name);
  return {
    roads: {
      broker: `${url.protocol}//${url.host}`,
      ...{ username, prefix: mqttPrefix },
      ...(password === undefined ? {} : { password: new Secret(password) }),
      ...(mqttCa === undefined ? {} : { caFile: authorityFile(resolve(io.cwd, mqttCa)) }),
      ...certificateOf(io, url, given),
      ...(sparkplugGroup === undefined
        ? {}
        : { sparkplug: { group: sparkplugGroup, host: sparkplugHost } }),
    },
  };
}

/** What only makes sense with a broker was meant to have one. */
function withoutBroker(given: Given): Record<string, never> {
  const { mqttCa, mqttCert, mqttKey, sparkplugGroup } = given;
  const [option] = Object.entries({
    ...{ "--mqtt-ca": mqttCa, "--mqtt-cert": mqttCert, "--mqtt-key": mqttKey },
    "--sparkplug-group": sparkplugGroup,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (option === undefined) return {};
  throw wrong(`${option} needs a broker`, "name it with --mqtt URL or RACKWATCH_MQTT");
}

/** Read at each connection; here as well, so that what is wrong with it is told at once. */
function certificateOf(
  io: CommandIo,
  url: URL,
  { mqttCert, mqttKey }: Given,
): { readonly certificate?: BrokerCertificateSource } {
  const file = mqttCert === undefined ? credentialFile(io, "mqtt-cert") : resolve(io.cwd, mqttCert);
  const keyFile = mqttKey === undefined ? credentialFile(io, "mqtt-key") : resolve(io.cwd, mqttKey);
  if (file === undefined && keyFile === undefined) return {};
  if (file === undefined || keyFile === undefined) {
    throw wrong(
      "a certificate for the broker goes with its key",
      "give both --mqtt-cert and --mqtt-key, or the systemd credentials mqtt-cert and mqtt-key",
    );
  }
  if (url.protocol !== "mqtts:") {
    throw wrong("a certificate is shown over TLS alone", "give the broker as mqtts://HOST:8883");
  }
  const certificate = () =>
    readPair(file, () => readFileSync(keyFile, "utf8"), syncText[terminalLanguage(io.env)]);
  certificate();
  return { certificate };
}

function authorityFile(file: string): string {
  try {
    new X509Certificate(readFileSync(file));
    return file;
  } catch (cause) {
    throw wrong(
      "the authority of the broker's certificate cannot be read, or is no certificate",
      "give a PEM file that central's user may read with --mqtt-ca",
      { where: file, cause },
    );
  }
}

function checkLevel(name: string): void {
  if (/^[^+#/\p{Cc}]+$/u.test(name)) return;
  throw wrong(`"${name}" cannot be one level of a topic`, "give a name without +, # and /");
}

function wrong(
  message: string,
  todo: string,
  more: { readonly where?: string; readonly cause?: unknown } = {},
): RackwatchError {
  return new RackwatchError("config/invalid", message, { todo, ...more });
}
