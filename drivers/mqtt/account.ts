import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { type BrokerAddress, parseBroker } from "./broker-address.ts";
import type { MqttChannel } from "./schema.ts";

/** Where a channel logs in, and as whom. */
export interface Account {
  readonly address: Exclude<BrokerAddress, { kind: "local" }>;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** @throws RackwatchError `driver/connect-failed` for `local` where the gateway has no broker. */
export function accountOf(channel: MqttChannel, { localBroker }: DriverContext): Account {
  const text = channel.broker === "local" ? localBroker?.address : channel.broker;
  const address = text === undefined ? undefined : parseBroker(text);
  if (address === undefined || address.kind === "local")
    throw new RackwatchError("driver/connect-failed", "The gateway's own broker does not run", {
      where: channel.broker,
      todo: "Set broker.enabled: true, or name another broker in this channel",
    });
  const { user, password } = channel.broker === "local" ? (localBroker ?? channel) : channel;
  return { address, user, password: password?.reveal() };
}
