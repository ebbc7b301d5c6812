import { type ConfigSwitch, RunningConfigSwitch } from "./config-switch.ts";
import { keepConfiguration, loadChanged } from "./configuration.ts";
import { type SwitchOverParts, switchOver } from "./switch-over.ts";

export interface GatewaySwitchParts extends SwitchOverParts {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The switch of the gateway that runs, to whatever its file says. */
export function gatewaySwitch(parts: GatewaySwitchParts): ConfigSwitch {
  const { log, health, configFile, dataDir, env, now } = parts;
  return new RunningConfigSwitch({
    ...{ log, health },
    config: () => now().config,
    load: () => loadChanged(configFile, env),
    keep: ({ sources }) => keepConfiguration(dataDir, sources),
    go: (config) => switchOver(config, parts),
  });
}
