/**
 * Topics of the plain road: `<prefix>/<gateway>/up/<kind>/<request>` and `<prefix>/<gateway>/down/<request>`. A broker's rules can
 * thus give each gateway its own branch.
 */
export const mqttTopics = {
  up: (prefix: string, gateway: string, kind: string, id: string) =>
    `${prefix}/${gateway}/up/${kind}/${id}`,
  down: (prefix: string, gateway: string, id: string) => `${prefix}/${gateway}/down/${id}`,
  /** Says that a receiver of central begins or ended; retained never, sealed by nobody: it is a hint to ask again. */
  receivers: (prefix: string) => `${prefix}/_central`,
  everyUp: (prefix: string) => `${prefix}/+/up/#`,
  everyDown: (prefix: string, gateway: string) => `${prefix}/${gateway}/down/+`,
} as const;

/** Undefined: nothing that a gateway sends. */
export function upTopic(prefix: string, topic: string) {
  const [first, gateway, up, kind, id, ...rest] = topic.split("/");
  const isIt = first === prefix && up === "up" && rest.length === 0;
  if (!isIt || !gateway || !kind || !id) return undefined;
  return { gateway, kind, id };
}

/** The request that an answer is to. */
export function answeredId(prefix: string, gateway: string, topic: string): string | undefined {
  const start = mqttTopics.down(prefix, gateway, "");
  return topic.startsWith(start) ? topic.slice(start.length) : undefined;
}
