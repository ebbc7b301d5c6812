import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "../../config/schema/config.ts";
import { covers, matches } from "./topic.ts";

/** What one connection may do. */
export interface Grant {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface Credentials {
  readonly user: string | undefined;
  readonly password: Uint8Array | undefined;
}

/** With no users in the configuration: read-only, and only from this machine. */
const localReader: Grant = { user: "local", publish: [], subscribe: ["rackwatch/#"] };

/** What these credentials allow; undefined when they are refused. Takes the same time for every wrong password. */
export function grantFor(
  users: Config["broker"]["users"],
  credentials: Credentials,
  fromThisMachine: boolean,
): Grant | undefined {
  if (Object.keys(users).length === 0) return fromThisMachine ? localReader : undefined;
  const name = credentials.user ?? "";
  const user = Object.hasOwn(users, name) ? users[name] : undefined;
  const expected = user?.password.reveal() ?? "";
  const same = isEqualSecret(expected, credentials.password ?? "");
  if (user === undefined || !same || expected === "") return undefined;
  return { user: name, publish: user.publish, subscribe: user.subscribe };
}

export function maySubscribe(grant: Grant, filter: string): boolean {
  if (filter.startsWith("$")) return false;
  return grant.subscribe.some((pattern) => covers(pattern, filter));
}

/** What the gateway says under `rackwatch/<gateway>/` comes from it alone: nobody may forge a value, an alarm or stock. */
const ownTopics = ["points/#", "alarms/#", "stock/#", "movements/#"] as const;

export function mayPublish(grant: Grant, gatewayId: string, topic: string): boolean {
  if (topic.startsWith("$")) return false;
  if (ownTopics.some((own) => matches(`rackwatch/${gatewayId}/${own}`, topic))) return false;
  return grant.publish.some((pattern) => matches(pattern, topic));
}

/** Takes the same time wherever the two differ. */
export function isEqualSecret(expected: string, given: string | Uint8Array): boolean {
  return timingSafeEqual(digest(expected), digest(given));
}

/** Equal lengths whatever the password's, so that the comparison tells nothing. */
function digest(password: string | Uint8Array): Buffer {
  return createHash("sha256").update(password).digest();
}
