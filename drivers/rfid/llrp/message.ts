import { headerBytes, readHeader } from "./frame.ts";
import { type Parameter, readParameters } from "./parameter.ts";

/** One whole message. */
export interface Message {
  readonly name: string;
  readonly type: number;
  readonly version: number;
  readonly id: number;
  /** Fixed fields before the parameters; all of the body where only its maker knows it. */
  readonly fields: Uint8Array;
  readonly parameters: readonly Parameter[];
}

/** A message as the framer cut it, or why it is none. */
export function readMessage(bytes: Uint8Array): Message | string {
  if (bytes.length < headerBytes) return "shorter than a header";
  const header = readHeader(bytes);
  if (typeof header === "string") return header;
  if (header.length !== bytes.length) return `${bytes.length} bytes, not ${header.length}`;
  const { kind, version, id } = header;
  const { name, type } = kind;
  const body = bytes.subarray(headerBytes);
  if (kind.then !== "parameters") return { name, type, version, id, fields: body, parameters: [] };
  const parameters = readParameters(body.subarray(kind.fieldBytes));
  if ("fault" in parameters) return `${name}: ${parameters.fault}`;
  return { name, type, version, id, fields: body.subarray(0, kind.fieldBytes), parameters };
}
