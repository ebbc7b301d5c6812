import { z } from "zod";

/** Where a channel's broker is. */
export type BrokerAddress =
  | { readonly kind: "local" }
  | { readonly kind: "tcp" | "tls"; readonly host: string; readonly port: number };

/** As IANA registered them for MQTT. */
const defaultPorts = { tcp: 1_883, tls: 8_883 } as const;

/** `local`, `tcp://10.0.0.9:1883`, `tls://broker.example.com`; undefined when it is none of these. */
export function parseBroker(text: string): BrokerAddress | undefined {
  if (text === "local") return { kind: "local" };
  const match = /^(tcp|tls):\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[2] ?? match?.[3];
  if (match === null || host === undefined) return undefined;
  const kind = match[1] === "tls" ? "tls" : "tcp";
  const port = match[4] === undefined ? defaultPorts[kind] : Number(match[4]);
  return port >= 1 && port <= 65_535 ? { kind, host, port } : undefined;
}

export const brokerAddressSchema = z
  .string()
  .max(300)
  .refine((text) => parseBroker(text) !== undefined, { error: "mqtt/broker" })
  .meta({
    description: "local: the gateway's own broker; tcp://host:1883 or tls://host:8883: another one",
    examples: ["local", "tcp://10.0.0.9:1883", "tls://broker.example.com:8883"],
  });
