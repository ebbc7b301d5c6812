import type { Authority } from "./authority.ts";
import type { OpenSockets } from "./open-sockets.ts";
import type { TrustedProxies } from "./presented.ts";
import type { SigningKey } from "./signing-key.ts";

export interface CentralKeys {
  /** Loaded when the first certificate is made or shown. */
  authority(): Promise<Authority>;
  readonly signing: SigningKey;
}

/** What central is itself, and what it needs to know its gateways by. */
export interface CentralIdentity {
  /** Absent: this central has no keys, and lets gateways in by token only. */
  readonly keys?: CentralKeys;
  readonly proxies: TrustedProxies;
  readonly sockets: OpenSockets;
}
