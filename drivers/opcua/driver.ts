import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Claim, Driver, DriverContext, PointDescription, Session } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { pkiFolder } from "./certificates.ts";
import { openError } from "./failure.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { type Library, loadLibrary } from "./library.ts";
import { type Access, openLink } from "./link.ts";
import { channelSchema, kindOf, type OpcUaChannel } from "./schema.ts";
import { OpcUaSession } from "./session.ts";
import { modeOf } from "./targets.ts";
import { templateSchema } from "./template.ts";

/** OPC UA clients: subscriptions, or polling where a server knows none. */
export const opcua: Driver<OpcUaChannel> = {
  name: "opcua",
  schema: channelSchema,
  templateSchema,
  describe,
  claims,
  open,
};

function describe(channel: OpcUaChannel): readonly PointDescription[] {
  return Object.entries(channel.devices).flatMap(([id, device]) =>
    Object.entries(device.points).map(([name, point]) => {
      const isPolled = point.access !== "write" && modeOf(channel, device, point) === "poll";
      return {
        key: `${id}/${name}` as const,
        kind: kindOf(point),
        access: point.access,
        ...(point.unit === undefined ? {} : { unit: point.unit }),
        // A subscribed value comes when it changes: silence is no fault, and a lost server is noticed by itself.
        ...(isPolled ? { everyMs: point.every ?? device.every } : {}),
      };
    }),
  );
}

/** A server takes many clients: two channels may name the same one. */
function claims(): readonly Claim[] {
  return [];
}

async function open(
  channel: OpcUaChannel,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const library = await loadLibrary(context.log);
  signal.throwIfAborted();
  await using held = new AsyncDisposableStack();
  const identity = held.use(await identityOf(library, channel, context));
  const link = held.use(await openLink(library, channel, identity, context, signal));
  const session = new OpcUaSession(channel, { library, identity, link, context }, signal);
  try {
    await session.prepare();
  } catch (error) {
    signal.throwIfAborted();
    throw openError(error, channel.endpoint);
  }
  held.move();
  return session;
}

/** Who we are to servers: kept in the data folder; a tool without one is somebody new each time. */
export async function identityOf(
  library: Library,
  access: Pick<Access, "security">,
  context: DriverContext,
): Promise<Identity> {
  if (context.dataDir !== undefined)
    return openIdentity(library, pkiFolder(context.dataDir), context);
  if (access.security.mode !== "none")
    throw new RackwatchError("driver/unavailable", "A secure connection needs certificates", {
      todo: "Name the data folder in which they are kept, or choose security: { mode: none }",
    });
  const folder = await mkdtemp(join(tmpdir(), "rackwatch-opcua-"));
  const identity = await openIdentity(library, folder, context);
  return {
    ...identity,
    [Symbol.asyncDispose]: async () => {
      await identity[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
