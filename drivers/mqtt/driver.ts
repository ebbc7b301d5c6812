import type { Claim, Driver, DriverContext, PointDescription, Session } from "../contract.ts";
import { plan, silentAfterMs } from "./plan.ts";
import { channelSchema, type MqttChannel } from "./schema.ts";
import { templateSchema } from "./template.ts";

/** Devices that publish by MQTT 3.1.1, plain, JSON or Sparkplug B, to the gateway's own broker or another one. */
export const mqtt: Driver<MqttChannel> = {
  name: "mqtt",
  schema: channelSchema,
  templateSchema,
  describe,
  claims,
  publishes,
  open,
};

/** The gateway counts a value as stale after three periods. */
const periods = 3;

function describe(channel: MqttChannel): readonly PointDescription[] {
  return Object.entries(channel.devices).flatMap(([id, device]) =>
    Object.entries(device.points).map(([name, point]) => {
      const silentMs = point.access === "write" ? undefined : silentAfterMs(device, point);
      return {
        key: `${id}/${name}` as const,
        kind: point.kind,
        access: point.access,
        ...(point.unit === undefined ? {} : { unit: point.unit }),
        ...(point.role === undefined ? {} : { role: point.role }),
        ...(silentMs === undefined ? {} : { everyMs: silentMs / periods }),
      };
    }),
  );
}

function claims({ broker, clientId }: MqttChannel): readonly Claim[] {
  if (clientId === undefined) return [];
  return [{ resource: `${broker} client ${clientId}`, exclusive: true, path: ["clientId"] }];
}

function publishes(channel: MqttChannel): readonly string[] {
  if (channel.broker !== "local") return [];
  const { targets, nodes } = plan(channel);
  const commands = [...targets.values()].map(({ topic }) => topic);
  return [...commands, ...nodes.map(({ group, node }) => `spBv1.0/${group}/NCMD/${node}`)];
}

/** What listens is loaded where there is a broker: a gateway without one has no memory for it. */
async function open(
  channel: MqttChannel,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const { openBroker } = await import("./open-broker.ts");
  return openBroker(channel, context, signal);
}
