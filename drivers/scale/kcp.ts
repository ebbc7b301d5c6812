import { mtSics } from "./mt-sics.ts";
import type { ScaleProtocol } from "./protocol.ts";

/** KERN Communications Protocol: the grammar of MT-SICS, about 15 weighings a second in a stream. */
export const kernKcp: ScaleProtocol = {
  ...mtSics,
  name: "kern-kcp",
  aliases: ["kcp", "kern"],
  title: "KERN KCP: KERN platforms, balances and indicators",
  tcpPort: 23,
};
