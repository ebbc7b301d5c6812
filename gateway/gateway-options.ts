import type { Reloads } from "./runtime/reload.ts";

/** What one run of the gateway is given from outside. */
export interface GatewayOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** To end this run for another one, see `Upkeep`. */
  readonly startAnew: () => void;
  /** Asked to read the configuration again; absent: nobody asks. */
  readonly reloads?: Reloads;
}
