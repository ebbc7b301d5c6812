import { z } from "zod";
import { RackwatchError } from "./errors.ts";

/** What a channel is reached by. */
export type Address =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

type Fault = "address/scheme" | "address/path" | "address/host" | "address/port";

const explanations: Readonly<Record<Fault, string>> = {
  "address/scheme": "must begin with serial: or tcp://",
  "address/path": "needs the absolute path of the port, for example serial:/dev/ttyUSB0",
  "address/host": "needs a host, for example tcp://10.0.0.5:502",
  "address/port": "needs a port between 1 and 65535, for example tcp://10.0.0.5:502",
};

/**
 * `serial:/dev/serial/by-id/...`, `tcp://10.0.0.5:502`, `tcp://[fd00::5]:502`.
 * @throws RackwatchError `config/invalid`.
 */
export function parseAddress(text: string): Address {
  const parsed = parse(text);
  if (typeof parsed !== "string") return parsed;
  throw new RackwatchError("config/invalid", `Address "${text}" ${explanations[parsed]}`, {
    where: text,
    todo: "Correct the port in the configuration",
  });
}

/** The same as a YAML value: stays text, faults are `address/...`. */
export const addressSchema = z
  .string()
  .max(300)
  .check((context) => {
    const parsed = parse(context.value);
    if (typeof parsed !== "string") return;
    context.issues.push({ code: "custom", input: context.value, message: parsed });
  })
  .meta({
    description: "serial:/dev/serial/by-id/... or tcp://host:port",
    examples: ["serial:/dev/ttyUSB0", "tcp://10.0.0.5:502"],
  });

function parse(text: string): Address | Fault {
  if (text.startsWith("serial:")) {
    const path = text.slice("serial:".length);
    return /^\/[^\s\0]+$/.test(path) ? { kind: "serial", path } : "address/path";
  }
  if (!text.startsWith("tcp://")) return "address/scheme";
  const match = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return "address/host";
  const port = Number(match?.[3] ?? 0);
  return port >= 1 && port <= 65_535 ? { kind: "tcp", host, port } : "address/port";
}
