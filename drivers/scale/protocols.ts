import { type DecodedFrame, decodeWith, type Protocol } from "../protocol.ts";
import { aAndD } from "./a-and-d.ts";
import { cas } from "./cas.ts";
import { kernKcp } from "./kcp.ts";
import { keli } from "./keli.ts";
import { mtSics } from "./mt-sics.ts";
import { ohaus } from "./ohaus.ts";
import type { ScaleMessage, ScaleProtocol, ScaleProtocolOptions } from "./protocol.ts";
import { radwag } from "./radwag.ts";
import { sartoriusSbi } from "./sartorius-sbi.ts";
import { tScale } from "./t-scale.ts";
import { toledoContinuous } from "./toledo-continuous.ts";

/** Every scale language with code, written out by hand. A described one is made by `createDescribedProtocol`. */
export const scaleProtocols: readonly ScaleProtocol[] = [
  mtSics,
  kernKcp,
  toledoContinuous,
  aAndD,
  sartoriusSbi,
  cas,
  ohaus,
  tScale,
  radwag,
  keli,
];

/** The same languages for the decode tool. */
export const scaleDecoders: readonly Protocol[] = scaleProtocols.map((protocol) => ({
  name: protocol.name,
  aliases: protocol.aliases,
  title: protocol.title,
  driver: "scale",
  decode: (bytes) =>
    decodeWith(protocol.createFramer(options), (frame) => decoded(protocol, frame), bytes),
}));

const options: ScaleProtocolOptions = { checksum: "auto" };

function decoded(protocol: ScaleProtocol, frame: Uint8Array): DecodedFrame {
  const command = protocol.commandOf?.(frame);
  if (command !== undefined) return { ok: true, kind: "command", command };
  return meaningOf(protocol.parse(frame, options));
}

function meaningOf(message: ScaleMessage): DecodedFrame {
  switch (message.kind) {
    case "bad":
      return { ok: false, reason: message.reason };
    case "notice":
      return { ok: true, kind: "notice", text: message.text };
    case "reply": {
      const { command, ok: done, reason, tare, unit = null } = message;
      return {
        ...{ ok: true, kind: "reply", command, done },
        ...(tare !== undefined && { tare, unit }),
        ...(reason !== undefined && { reason }),
      };
    }
    case "reading": {
      const { status, weight = null, unit = null, stable = null, net = null } = message;
      const { tare, code, reason } = message;
      return {
        ...{ ok: true, kind: "reading", weight, unit, stable, net, status },
        ...(tare !== undefined && { tare }),
        ...(code !== undefined && { code }),
        ...(reason !== undefined && { reason }),
      };
    }
  }
}
